"""The shipped sources; each module in this package is the plugin of the same name."""
