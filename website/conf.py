"""The settings of Sphinx for the documentation site; `website/build.py` runs Sphinx."""

from __future__ import annotations

project = "Headway"
author = "The Headway developers"
project_copyright = "The Headway developers"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}

html_theme = "furo"
html_title = "Headway"
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False

# The anchors of headings have the same form as on GitHub, for example `numbers.md#completion`.
myst_heading_anchors = 6

# Examples in JSON contain `...` in place of irrelevant parts.
suppress_warnings = ["misc.highlighting_failure"]
