"""Detections while the sound comes: from a microphone or a pipe."""
