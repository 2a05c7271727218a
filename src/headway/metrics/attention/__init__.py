"""Find a campaign's changes during a period, their causes, and who must act."""
