"""What a reply means and why it came: reasons, causes, the order of verbs, spelling, and the lecture's words."""
