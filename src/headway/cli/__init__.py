"""The command line: the only package that prints, exits, or reads the clock and environment."""

from headway.cli.application import main

__all__ = ["main"]
