"""Readers for configuration files, which keep the place of every value."""
