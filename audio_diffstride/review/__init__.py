"""Clips of detections for people to check, and labels from their verdicts."""
