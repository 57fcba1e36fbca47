"""Stores of prepared data sets, and batches drawn from them."""
