"""The only place with SQL: records in, records out."""
