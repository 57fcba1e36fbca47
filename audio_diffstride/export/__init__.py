"""A trained classifier as one file that runs without this package."""
