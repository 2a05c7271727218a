"""The incremental build: which pages must be rendered, by which process, and how they are published."""
