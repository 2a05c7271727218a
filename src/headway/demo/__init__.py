"""A fictional organisation with three years of history, generated from nothing but the date."""
