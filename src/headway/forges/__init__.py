"""Sources of repositories: one plugin module each in `sources/`, and what they share."""
