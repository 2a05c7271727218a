"""The store: records in a DuckDB file. This package contains all SQL."""
