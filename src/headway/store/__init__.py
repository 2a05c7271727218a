"""The store: records in a DuckDB file. All SQL is in this package."""
