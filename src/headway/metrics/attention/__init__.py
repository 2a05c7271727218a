"""What changed in a campaign in a period, why, and who must act."""
