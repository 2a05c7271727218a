"""The command line: parse, call, print. The only place with echo, exit, clock and environment."""

from headway.cli.application import main

__all__ = ["main"]
