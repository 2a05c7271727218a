"""What changed in a campaign and who must act, as records."""
