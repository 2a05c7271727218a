"""The static site: template contexts, charts, and the build that writes the pages."""
