"""Fingerprints of the same sound, changed, and of others."""

import io

import numpy as np
import pytest
import soundfile
import soxr

from audio_diffstride.audio.fingerprints import find_copies, fingerprint

RATE_HZ = 16000


def sound(seed: int, seconds: float = 1.0) -> np.ndarray:
    """Noise with a spectrum that changes every 100 ms."""
    draw = np.random.default_rng(seed)
    pieces = []
    for _ in range(round(seconds / 0.1)):
        spectrum = draw.exponential(size=801) * np.exp(
            2j * np.pi * draw.random(801)
        )
        pieces.append(np.fft.irfft(spectrum, 1600))
    samples = np.concatenate(pieces)
    return 0.3 * samples / np.abs(samples).max()


def mp3(samples):
    file = io.BytesIO()
    soundfile.write(file, samples, RATE_HZ, format="MP3")
    file.seek(0)
    return soundfile.read(file)[0]


CHANGES = {
    "gain": lambda x: 0.1 * x,
    "codec": mp3,
    "cut": lambda x: x[1234:-321],
    "silence before": lambda x: np.concatenate([np.zeros(5000), x]),
    "8 kHz": lambda x: soxr.resample(
        soxr.resample(x, RATE_HZ, 8000), 8000, RATE_HZ
    ),
    "16 bit": lambda x: np.round(x * 32768).astype(np.int16),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_copy_is_found_among_others(change):
    originals = [sound(seed) for seed in range(20)]
    everything = [*originals, CHANGES[change](originals[7])]
    words = [fingerprint(samples, RATE_HZ) for samples in everything]
    pairs = [(one, other) for one, other, _ in find_copies(words)]
    assert pairs == [(7, 20)]


def test_other_sounds_are_no_copies():
    words = [fingerprint(sound(seed), RATE_HZ) for seed in range(100)]
    assert list(find_copies(words)) == []


def test_equal_recordings_have_all_bits_in_common():
    words = fingerprint(sound(0), RATE_HZ)
    assert list(find_copies([words, words])) == [(0, 1, 1.0)]


def test_a_part_of_a_long_recording_is_found():
    whole = np.concatenate([sound(seed) for seed in range(5)])
    words = [fingerprint(x, RATE_HZ) for x in (whole, sound(3))]
    assert [pair[:2] for pair in find_copies(words)] == [(0, 1)]


@pytest.mark.parametrize(
    "samples", [np.zeros(0), np.zeros(100), np.zeros(9999)]
)
def test_silence_and_short_sounds_match_nothing(samples):
    words = fingerprint(samples, RATE_HZ)
    assert not words.any()
    assert list(find_copies([words, words])) == []


def test_no_recordings_have_no_copies():
    assert list(find_copies([])) == []
