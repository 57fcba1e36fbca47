"""Tones: synthetic instruments at several pitches, without a download."""
