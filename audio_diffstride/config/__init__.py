"""The typed config: all fields, their checks, networks and arms by name."""
