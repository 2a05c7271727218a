"""Sentences and formats shared by the site, the digest and the command line."""
