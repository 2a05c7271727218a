"""Records and small protocols that every package uses; imports no other package."""
