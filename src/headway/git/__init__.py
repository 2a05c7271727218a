"""Reading repositories with the git program: mirrors, history, objects."""
