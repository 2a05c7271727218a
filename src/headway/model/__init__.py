"""Records and small protocols that all packages share.

This package imports no other package of Headway.
"""
