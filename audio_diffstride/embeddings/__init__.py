"""Vectors of windows, as a table that other tools read and write."""
