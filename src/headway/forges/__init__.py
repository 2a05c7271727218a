"""Sources of repositories: one module each, all behind `interface.Source`."""
