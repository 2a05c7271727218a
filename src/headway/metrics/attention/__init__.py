"""Find the changes in a campaign in a period, their causes, and who must act."""
