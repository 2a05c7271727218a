"""Template contexts: each template receives one of these records as `page`.

Users' own templates can rely on these records. docs/pages.md lists their fields. `None` means that
a value is unknown, or that there is not enough history. Every `href` is relative to the page that
contains the link.
"""
