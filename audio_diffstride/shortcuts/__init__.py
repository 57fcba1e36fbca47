"""Find what tells classes apart without the sound: format, floor, level."""
