"""How well forecasts did on migrations in public histories: `python -m benchmarks.forecast`."""
