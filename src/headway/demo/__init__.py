"""A small organisation with three years of history, made on the spot."""
