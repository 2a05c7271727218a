"""A fictional organisation with three years of history, which depends only on today's date."""
