"""Run judge.py: `python -m benchmarks.forecast [--held-out] [METHOD...]`."""

from __future__ import annotations

from benchmarks.forecast.judge import main

main()
