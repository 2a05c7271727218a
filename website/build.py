"""Build the documentation as a site, with the pages of the demo.

    python website/build.py --out FOLDER [--demo FOLDER] [--repository URL]

The pages are those in `docs/`, README.md, ARCHITECTURE.md and CHANGELOG.md. A broken link is an
error. The build needs no network, and the site makes no requests to other hosts.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from posixpath import dirname, normpath

ROOT = Path(__file__).parents[1]

ROOT_PAGES = {
    "README.md": "index.md",
    "ARCHITECTURE.md": "architecture.md",
    "CHANGELOG.md": "changelog.md",
}
"""Maps each page at the root of the repository to its page in the site."""

SECTIONS: Mapping[str, Sequence[str]] = {
    "Campaigns": ("campaigns", "catalogue", "teams", "limits"),
    "Repositories": ("forges", "other-forges"),
    "Every night": (
        "nightly-github",
        "nightly-gitlab",
        "nightly-cron",
        "storage",
        "scale",
        "reliability",
    ),
    "Results": ("numbers", "forecast", "pages", "digest", "queries"),
    "Scanners": (
        "scanner-dependency",
        "scanner-runtime",
        "scanner-config",
        "scanner-ast",
        "scanner-command",
        "scanner-semgrep",
        "scanner-sarif",
        "plugin",
        "scanners",
    ),
    "Reference": ("commands", "architecture", "changelog"),
}
"""The sections of the navigation, each with its pages. A page without a section is an error."""

_CODE = re.compile(r"(^ *```.*?^ *```|`[^`\n]+`)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?P<text>\[[^][]*\])\((?P<target>[^()\s#]+)(?P<anchor>#[^()\s]*)?\)")
_DEMO_LINK = "Look at the <a href='demo/index.html'>pages of the demo</a>, or build them yourself:"


def page_text(source: str, text: str, repository: str | None) -> str:
    """Return the text of a page in the site.

    Links between pages are adapted to the site. Links to other files lead to the repository. If the
    URL of the repository is unknown, they become plain text.

    Args:
        source: The path of the page in the repository, such as `docs/teams.md`.
        text: The text of the page.
        repository: The URL of the repository; None if it is unknown.
    """
    parts = _CODE.split(text)
    parts[::2] = [
        _LINK.sub(lambda match: _link(match, source, repository), part) for part in parts[::2]
    ]
    # Only tests use the language `example`.
    parts[1::2] = [part.replace("```example", "```text", 1) for part in parts[1::2]]
    return "".join(parts)


def navigation() -> str:
    """Return the sections of the navigation, as Sphinx expects them on the first page."""
    lines = []
    for section, pages in SECTIONS.items():
        lines += ["", "```{toctree}", ":hidden:", f":caption: {section}", "", *pages, "```"]
    return "\n".join(lines) + "\n"


def write_sources(folder: Path, repository: str | None, *, with_demo: bool) -> None:
    """Write the pages of the site, in Markdown, and copy their images."""
    sources = [*ROOT_PAGES, *(f"docs/{file.name}" for file in sorted((ROOT / "docs").glob("*.md")))]
    for source in sources:
        text = page_text(source, (ROOT / source).read_text("utf-8"), repository)
        if source == "README.md":
            if with_demo:
                text = text.replace("\n## Try it\n", f"\n## Try it\n\n{_DEMO_LINK}\n", 1)
            text += navigation()
        (folder / ROOT_PAGES.get(source, Path(source).name)).write_text(text, "utf-8")
    shutil.copytree(ROOT / "docs" / "images", folder / "images")


def build(out: Path, demo: Path | None = None, repository: str | None = None) -> int:
    """Build the site and return the exit code of Sphinx.

    Args:
        out: The folder of the site, which is replaced.
        demo: The folder with the pages of the demo; None leaves the demo out.
        repository: The URL of the repository; None if it is unknown.
    """
    shutil.rmtree(out, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="headway-docs-") as scratch:
        sources = Path(scratch) / "sources"
        sources.mkdir()
        write_sources(sources, repository, with_demo=demo is not None)
        options = ["-q", "-W", "--keep-going", "-b", "html", "-c", str(ROOT / "website")]
        folders = ["-d", str(Path(scratch) / "doctrees"), str(sources), str(out)]
        command = [sys.executable, "-m", "sphinx", *options, *folders]
        code = subprocess.run(command, check=False).returncode
    if code == 0 and demo is not None:
        shutil.copytree(demo, out / "demo")
    return code


def _link(match: re.Match[str], source: str, repository: str | None) -> str:
    text, target, anchor = match["text"], match["target"], match["anchor"] or ""
    if "://" in target or target.startswith("mailto:"):
        return match[0]
    path = normpath(f"{dirname(source)}/{target}").lstrip("/")
    if path in ROOT_PAGES:
        return f"{text}({ROOT_PAGES[path]}{anchor})"
    if path.startswith("docs/"):
        return f"{text}({path.removeprefix('docs/')}{anchor})"
    if repository:
        return f"{text}({repository.rstrip('/')}/blob/HEAD/{path}{anchor})"
    return text[1:-1]


def main() -> int:
    """Build the site with the options of the command line."""
    parser = argparse.ArgumentParser(description="Build the documentation as a site.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--demo", type=Path)
    parser.add_argument("--repository")
    options = parser.parse_args()
    return build(options.out, options.demo, options.repository)


if __name__ == "__main__":
    raise SystemExit(main())
