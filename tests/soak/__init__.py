"""Commands that are killed or disturbed, for longer than unit tests may."""
