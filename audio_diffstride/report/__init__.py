"""The HTML page about a run: what was trained on what, and its scores."""
