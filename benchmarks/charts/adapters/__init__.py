"""One module for each tool; each runs in the tool's own environment."""
