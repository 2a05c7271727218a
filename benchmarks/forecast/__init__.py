"""Measure the accuracy of forecasts on public migrations: `python -m benchmarks.forecast`."""
