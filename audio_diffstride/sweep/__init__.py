"""Sweeps: arms, strides, fields and seeds, each a run; tables and figures."""
