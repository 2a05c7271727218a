"""Charts as plain numbers: what a template draws as SVG."""
