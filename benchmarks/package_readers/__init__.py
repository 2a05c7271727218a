"""Comparison of the readers of the `dependency` scanner with parsers by other authors."""
