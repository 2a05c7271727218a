"""Worker processes with limits, for scans and for pages."""
