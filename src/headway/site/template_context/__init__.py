"""What each template is given as `page`: one record per page, described field by field.

A template of your own can rely on these records; docs/pages.md lists them. `None` means that a
value is not known, or that there is not enough history. Every `href` is relative to its page.
"""
