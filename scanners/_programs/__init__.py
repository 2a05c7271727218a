"""External programs: their input and output, and the options of their rules."""
