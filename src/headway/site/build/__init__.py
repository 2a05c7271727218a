"""The incremental build of the site: plan what to render, render in parallel, and publish."""
