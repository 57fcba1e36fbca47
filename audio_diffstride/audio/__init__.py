"""Read recordings: decode, resample, find truncation."""
