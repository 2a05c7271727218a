"""A fictional organisation with a three-year history that depends only on today's date."""
