"""Training, evaluation and prediction as Python objects."""
