"""Find what changed in a campaign in a period, why it changed, and who must act."""
