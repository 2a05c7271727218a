"""Access to repositories through the git program: mirrors, history and objects."""
