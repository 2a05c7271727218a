"""The parts of the `ast` scanner, which finds code by its structure."""
