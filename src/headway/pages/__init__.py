"""The static site: records in, HTML out; templates decide nothing."""
