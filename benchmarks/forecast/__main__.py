"""Judge forecasts, like judge.py: `python -m benchmarks.forecast [--kept-out] [METHOD...]`."""

from __future__ import annotations

from benchmarks.forecast.judge import main

main()
