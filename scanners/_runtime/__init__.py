"""Where repositories state the versions of languages and platforms, and when these versions end."""
