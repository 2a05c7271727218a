"""Pure functions that compute the numbers of campaigns from recorded data."""
