"""Scans: list repositories, read their histories, match rules, and write the ledger."""
