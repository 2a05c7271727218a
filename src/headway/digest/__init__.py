"""The digest: what changed, why, and who must act; as text, Markdown, email or Slack message."""
