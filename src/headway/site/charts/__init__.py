"""Charts as coordinates and paths, which templates draw as SVG."""
