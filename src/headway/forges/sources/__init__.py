"""The shipped sources. Each module in this package is the plugin of the same name."""
