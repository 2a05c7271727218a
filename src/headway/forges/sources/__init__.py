"""The shipped sources: one module each, with its settings. Every module here is loaded."""
