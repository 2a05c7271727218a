"""The shipped sources, one module each. Every module in this package is loaded as a plugin."""
