"""Random changes of training windows, one kind in each module."""
