"""Encoders of images, from published networks."""
