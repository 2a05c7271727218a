"""Template contexts: each template receives one of these records as `page`.

Custom templates can rely on these records. docs/pages.md lists their fields. `None` means that a
value is unknown or the history is too short. Every `href` is relative to the page that contains the
link.
"""
