"""Prepared data sets: stores on disk, and batches drawn from them."""
