"""External programs: their input, their output and the options of rules that run them."""
