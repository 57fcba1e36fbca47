"""Calibration: temperatures and thresholds from the validation split."""
