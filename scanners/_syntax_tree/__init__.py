"""The parts of the scanner `ast`, which finds code by its structure."""
