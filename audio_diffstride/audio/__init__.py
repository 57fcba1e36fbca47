"""Audio files: read, resample, find those that are cut off; mel bands."""
