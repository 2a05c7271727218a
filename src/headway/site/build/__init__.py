"""The incremental build: decide what to render, render it in several processes, and publish it."""
