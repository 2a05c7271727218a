"""The digest: what changed, why, and who must act, as text, Markdown, mail or Slack blocks."""
