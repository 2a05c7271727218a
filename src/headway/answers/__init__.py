"""One function for each question of a command or page: store and definitions in, records out."""
