"""Find what is wrong with own recordings, before any training."""
