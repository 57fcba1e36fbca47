"""What the layer and the network cost."""
