"""What changed in a campaign since a day, why, and what somebody must act on."""
