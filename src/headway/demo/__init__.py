"""A fictional organisation with three years of history that depends only on the date."""
