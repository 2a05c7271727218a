"""From repositories to openings: plan what to read, match it, follow it through history."""
