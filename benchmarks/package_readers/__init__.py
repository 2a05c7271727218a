"""Comparison of the readers of the scanner `dependency` with parsers by other authors."""
