"""The places in repositories that state language and platform versions, and their end dates."""
