"""Metrics of campaigns, in the form of the records that commands print and pages show."""
