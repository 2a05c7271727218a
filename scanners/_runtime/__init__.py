"""Find the language and platform versions that repositories state, and their end dates."""
