"""Metrics of campaigns: the records that commands print and pages show."""
