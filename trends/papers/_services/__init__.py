"""Services that papers can be fetched from: one module each, over one polite transport and one cache."""
