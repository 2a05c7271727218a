"""What the pages say: from metrics to template contexts."""
