"""Own recordings: list, split, check and decode them into a store."""
