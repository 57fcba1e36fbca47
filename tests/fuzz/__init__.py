"""Hostile files, and whether every reader takes or refuses them."""
