"""The shipped sources: every module in this package is a plugin with the name of the module."""
