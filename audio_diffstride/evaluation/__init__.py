"""Whole recordings through a model, and their scores."""
