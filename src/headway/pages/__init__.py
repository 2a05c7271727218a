"""From answers to a static site."""
