"""Comparison of the symbol uses that the scanner `ast` finds with those that other parsers find."""
