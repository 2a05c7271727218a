"""Compute the coordinates and paths of charts. Templates draw them as SVG."""
