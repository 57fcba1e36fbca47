"""Detections of classes, with their times, in recordings of any length."""
