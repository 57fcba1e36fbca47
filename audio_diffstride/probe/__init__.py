"""What simple classifiers learn from the vectors of recordings."""
