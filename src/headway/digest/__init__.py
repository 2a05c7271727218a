"""What changed and who must act, in words: from attention records to a mail or a message."""
