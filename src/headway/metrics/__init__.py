"""Answers to questions about campaigns: records that commands print and pages show."""
