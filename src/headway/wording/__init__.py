"""Words that pages and digest share."""
