"""The sections of a config, a file for each subject."""
