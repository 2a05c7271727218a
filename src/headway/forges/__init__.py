"""Sources of repositories: the plugins in `sources/`, and their shared modules."""
