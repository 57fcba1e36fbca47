"""Encoders for images, from published networks."""
