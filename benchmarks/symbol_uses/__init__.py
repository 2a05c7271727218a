"""Compares the symbols that the scanner `ast` finds with other ways to find them."""
