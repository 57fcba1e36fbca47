"""The mel bands against librosa."""

import librosa
import numpy as np
import pytest

from audio_diffstride.audio import mel_bands

BANKS = [
    (16000, 512, 64, 60.0, 7800.0),  # the default
    (8000, 256, 40, 0.0, 4000.0),
    (44100, 2048, 128, 20.0, 22050.0),
    (48000, 1024, 1, 333.3, 900.0),  # below the break of the scale
    (22050, 1024, 20, 1000.0, 11025.0),  # from the break on
]


@pytest.mark.parametrize("bank", BANKS)
def test_weights_are_those_of_librosa_bit_by_bit(bank):
    rate_hz, fft_samples, num_bands, min_hz, max_hz = bank
    expected = librosa.filters.mel(
        sr=rate_hz,
        n_fft=fft_samples,
        n_mels=num_bands,
        fmin=min_hz,
        fmax=max_hz,
    ).T
    found = mel_bands.weights(*bank)
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("bank", BANKS)
def test_edges_are_those_of_librosa_bit_by_bit(bank):
    num_bands, min_hz, max_hz = bank[2:]
    expected = librosa.mel_frequencies(num_bands + 2, fmin=min_hz, fmax=max_hz)
    found = mel_bands.edges_hz(num_bands, min_hz, max_hz)
    np.testing.assert_array_equal(found, expected)


def test_bands_narrower_than_a_bin_are_counted_as_empty():
    weights = mel_bands.weights(16000, 64, 64, 0.0, 8000.0)
    assert weights.shape == (33, 64)
    assert mel_bands.num_empty(weights) == 64 - (weights > 0).any(axis=0).sum()
    assert mel_bands.num_empty(mel_bands.weights(*BANKS[0])) == 0
