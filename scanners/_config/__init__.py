"""Readers for configuration files. They record the line and column of every value."""
