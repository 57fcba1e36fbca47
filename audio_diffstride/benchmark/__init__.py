"""What the layer and the networks cost: time and memory."""
