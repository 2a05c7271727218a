"""Sources of repositories: the plugins in `sources/`, and the modules that they share."""
