"""Sweeps: many runs that differ in arm, strides, fields and seed."""
