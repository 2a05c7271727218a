"""A made-up organisation with three years of history, the same for everybody on the same day."""
