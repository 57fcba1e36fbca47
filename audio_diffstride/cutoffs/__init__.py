"""Strides as cut-off frequencies."""
