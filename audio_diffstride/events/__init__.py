"""Compare detections with annotations, event by event."""
