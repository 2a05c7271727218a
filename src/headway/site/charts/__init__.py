"""Compute the coordinates and paths of charts, which templates draw as SVG."""
