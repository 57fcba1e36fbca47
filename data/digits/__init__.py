"""Handwritten digits of 8 x 8 pixels: the images that are always there."""
