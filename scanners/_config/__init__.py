"""Readers for configuration files, which record the line and column of every value."""
