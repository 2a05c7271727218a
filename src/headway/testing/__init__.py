"""A test kit for authors of scanner plugins. It needs no test framework."""

from headway.testing.checks import check_scanner
from headway.testing.examples import Example, ScannerError, load_scanner, matches_in

__all__ = ["Example", "ScannerError", "check_scanner", "load_scanner", "matches_in"]
