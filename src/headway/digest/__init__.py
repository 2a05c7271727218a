"""The digest of what changed, why, and who must act, in several output formats."""
