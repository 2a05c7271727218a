"""A fictional organisation with three years of history; the same date gives the same content."""
