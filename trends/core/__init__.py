"""What every room stands on: table contracts, records, errors, hashing, the cache, words and escaping."""
