"""Pages: turn metrics into the template contexts of the pages, and build the site."""
