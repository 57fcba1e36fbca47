"""One HTML file in which a network listens, in a browser."""
