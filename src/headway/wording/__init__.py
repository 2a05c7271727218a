"""Sentences and formats that the pages and the digest share."""
