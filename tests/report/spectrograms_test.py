"""What the downsampling leaves of a spectrogram."""

import numpy as np
import pytest

from audio_diffstride import AudioClassifier, TimeFrequencyEncoder, cutoffs
from audio_diffstride.report import spectrograms


def classifier(downsampling="diffstride"):
    encoder = TimeFrequencyEncoder(
        channels=(2, 2), strides=((2, 2), (1, 2)), downsampling=downsampling
    )
    return AudioClassifier({"a": 2}, encoder=encoder)


def ripple(time_hz=0.0, cycles=0.0):
    """A second of 100 frames and 64 bands that ripples."""
    turns = time_hz * np.arange(100)[:, None] / 100
    return np.cos(2 * np.pi * (turns + cycles * np.arange(64)))


@pytest.mark.parametrize("arm", ["diffstride", "spectral", "average_pool"])
def test_a_constant_stays_and_sizes_are_those_of_the_blocks(arm):
    model = classifier(arm)
    left = spectrograms.downsample(model, np.full((100, 64), -30.0))
    rows = cutoffs.report(model, (100, 64))
    sizes = [row["output_size"] for row in rows]
    assert [n for x in left for n in x.shape] == sizes
    for x in left:
        np.testing.assert_allclose(x, -30.0, rtol=1e-4)


@pytest.mark.parametrize("arm", ["diffstride", "spectral"])
def test_slow_ripples_are_left_and_fast_ones_are_not(arm):
    model = classifier(arm)
    time, frequency = cutoffs.report(model, (100, 64))[:2]
    slow = ripple(time["flat"] - 5, frequency["flat"] - 4 / 64)
    assert spectrograms.downsample(model, slow)[0].var() == pytest.approx(
        slow.var(), rel=1e-3
    )
    for fast in (
        ripple(time_hz=time["zero"] + 1),
        ripple(cycles=frequency["zero"] + 1 / 64),
    ):
        assert spectrograms.downsample(model, fast)[0].var() < 1e-6


@pytest.mark.parametrize("size", [9, 10])
def test_strided_convolutions_see_the_values_at_their_centres(size):
    import keras

    # A kernel that passes its middle tap on.
    layer = keras.layers.Conv1D(1, 3, strides=2, padding="same")
    layer.build((1, size, 1))
    layer.set_weights([np.array([0, 1, 0.0]).reshape(3, 1, 1), np.zeros(1)])
    x = np.arange(size, dtype="float32")
    expected = np.array(layer(x.reshape(1, size, 1)))[0, :, 0]
    np.testing.assert_array_equal(spectrograms._subsample(x, 2, 0), expected)


def test_the_modulation_spectrum_peaks_where_the_ripple_is():
    for cycles in (8 / 64, -8 / 64):  # upwards and downwards alike
        spectrum = spectrograms.modulation_spectrum_db(ripple(12, cycles))
        assert spectrum.shape == (51, 33)
        assert np.unravel_index(spectrum.argmax(), (51, 33)) == (12, 8)
        assert spectrum.max() == 0
    silence = spectrograms.modulation_spectrum_db(np.zeros((100, 64)))
    assert np.isfinite(silence).all()


def test_the_kept_band_never_grows_with_depth():
    rows = cutoffs.report(classifier(), (100, 64))
    corners = spectrograms.kept_corners(rows)
    assert [name for name, _, _ in corners] == ["1", "2"]
    assert corners[0][1:] == (rows[0]["half"], rows[1]["half"])
    assert all(
        after <= before for before, after in zip(corners[0][1:], corners[1][1:])
    )
    assert (
        spectrograms.kept_corners(
            cutoffs.report(classifier("max_pool"), (100, 64))
        )
        == []
    )
