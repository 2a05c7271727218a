"""Comparison of the readers of the scanner `dependency` with parsers that others wrote."""
