"""What the numbers mean: pure functions from records to records."""
