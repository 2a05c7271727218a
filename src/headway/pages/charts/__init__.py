"""The geometry of charts: dates and counts in, coordinates out; the macros draw them."""
