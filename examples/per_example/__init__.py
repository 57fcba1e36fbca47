"""Strides that are predicted from each example: an experiment."""
