"""Records and small protocols that every package uses. It imports no other package."""
