"""Files: whole or not at all, never over others, read with suspicion."""
