"""Optimizers with steps for strides, the loss, and fixed output sizes."""
