"""The incremental build: which pages to render, in which process, and how to publish them."""
