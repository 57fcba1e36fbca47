"""Data sets known by name, each with a TFDS builder."""
