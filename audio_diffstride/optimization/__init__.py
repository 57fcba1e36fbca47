"""Optimizers with steps for strides, losses, size refresh."""
