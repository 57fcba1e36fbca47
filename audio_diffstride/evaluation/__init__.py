"""Evaluation: whole recordings through a model, and their scores."""
