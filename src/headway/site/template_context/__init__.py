"""The records that templates receive as `page`: one record per page.

Your own templates can rely on these records, which docs/pages.md lists field by field. `None`
means that a value is unknown, or that there is not enough history. Every `href` is relative to the
page that the link is on.
"""
