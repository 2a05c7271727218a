"""Comparison of the symbol uses that the `ast` scanner finds with those that other parsers find."""
