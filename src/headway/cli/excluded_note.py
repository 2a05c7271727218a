"""The note about files that are excluded as vendored or generated code."""

from __future__ import annotations

import click

from headway.printable import printable


def print_excluded(count: int, example: str) -> None:
    """Print the number of excluded files. Print nothing if the number is 0.

    Args:
        count: The number of excluded files that the `paths` of a rule would otherwise select.
        example: The path of one of these files.
    """
    if count:
        files = f"{count:,} file{'' if count == 1 else 's'}"
        click.echo(
            printable(
                f"excluded as vendored or generated code: {files}, such as {example}; "
                "to search them, set `include_vendored: true` in a rule or campaign"
            ),
            err=True,
        )
