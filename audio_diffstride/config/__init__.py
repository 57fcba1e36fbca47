"""The typed config: every field, its rules, networks and arms by name."""
