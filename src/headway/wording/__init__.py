"""Wording that pages and the digest share."""
