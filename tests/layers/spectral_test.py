"""The functions of `spectral`, each against its definition."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from audio_diffstride.layers import spectral
from tests.support import numpy_oracle

CASES = [
    (size, stride, smoothness)
    for size in (7, 40, 101)
    for stride in (1.7, 2.0, 3.3, 30.0)
    for smoothness in (0.5, 2.0, 4.0)
]


@pytest.mark.parametrize("band", spectral.TRANSITION_BANDS)
def test_band_edges_are_where_the_mask_is_1_a_half_and_0(band):
    for size, stride, smoothness in CASES:
        of_axis = (size, stride, smoothness, band)
        stride = float(spectral.effective_stride(stride, *of_axis[::2], band))
        bins = np.linspace(0, size / 2, 20_001)
        mask = numpy_oracle.mask(bins, size, stride, smoothness, band)
        expected = [bins[mask >= level - 1e-9].max() for level in (1, 0.5)]
        expected.append(bins[mask > 1e-9].max())
        found = spectral.band_edges(stride, size, smoothness, band)
        np.testing.assert_allclose(found, expected, atol=0.01, err_msg=of_axis)


@pytest.mark.parametrize(
    "size, percent, bins",
    [(100, 4, 4), (13, 4, 1), (25, 4, 1), (40, 4, 1.6), (200, 2.5, 5)],
)
def test_a_width_in_percent_is_a_share_of_the_axis_or_a_bin(
    size, percent, bins
):
    found = spectral.smoothness_bins(size, percent)
    assert found == pytest.approx(bins)
    found = spectral.smoothness_bins(tf.constant(size), percent)
    assert float(found) == pytest.approx(bins)


@pytest.mark.parametrize("band", spectral.TRANSITION_BANDS)
def test_sizes_are_rounded_up_to_a_multiple_and_at_most_to_the_axis(band):
    for size, stride, smoothness in CASES:
        of_axis = (stride, size, smoothness, band)
        exact = numpy_oracle.output_size(size, *of_axis[::2], band)
        assert spectral.output_size(*of_axis) == exact
        assert isinstance(spectral.output_size(*of_axis), int)
        for multiple in (1, 2, 3, 16):
            expected = min(size, multiple * int(np.ceil(exact / multiple)))
            assert spectral.output_size(*of_axis, multiple) == expected
            unknown = tf.constant(size), *of_axis[2:], multiple
            assert int(spectral.output_size(stride, *unknown)) == expected


def test_the_smallest_strides_keep_every_sample():
    """Those that `effective_stride` bounds: N / S + 2 R is more than N."""
    for size in (3, 6, 7, 40, 101):
        for smoothness in (0.5, 2.0, 4.0, 60.0):
            smallest = size / max(size - smoothness, size / 2)
            for stride in np.linspace(1, smallest, 5):
                assert spectral.output_size(stride, size, smoothness) == size


@pytest.mark.parametrize("size", [1, 2, 7, 100, 101])
def test_a_pooled_size_is_the_whole_part_and_at_least_1(size):
    for stride in (1.0, 2.0, 3.3, 50.5, 1000.0):
        expected = max(1, int(size / stride + 1e-4))
        assert spectral.pooled_size(stride, size) == expected
        assert int(spectral.pooled_size(stride, tf.constant(size))) == expected


@pytest.mark.parametrize("size, smoothness", [(100, 4.0), (6, 4.0), (40, 0.5)])
def test_a_stride_is_bounded_outside_and_its_gradient_passes(size, smoothness):
    smallest = size / max(size - smoothness, size / 2)
    for stride in (1.0, smallest, 3.7):
        for band, expected in (
            ("outside", max(stride, smallest)),
            ("inside", stride),
        ):
            learned = tf.Variable(stride, dtype="float64")
            with tf.GradientTape() as tape:
                used = spectral.effective_stride(
                    learned, size, smoothness, band
                )
                used = tf.convert_to_tensor(used)
            assert float(used) == pytest.approx(expected, rel=1e-12)
            assert float(tape.gradient(used, learned)) == 1
    used = spectral.effective_stride(1.0, size, smoothness)
    assert float(used) == pytest.approx(smallest, rel=1e-6)


def test_the_gradient_of_an_inside_mask_is_exact_down_to_a_cut_off_of_1_25():
    """Below it there would be none, so it is that of 1.25 bins."""
    size, weights = 40, np.arange(21.0)

    def loss(stride):
        mask = spectral.transition_mask(stride, size, 4.0, "inside")
        return keras.ops.sum(mask * weights)

    def gradient(cutoff):
        stride = tf.Variable(size / (2 * cutoff), dtype="float64")
        with tf.GradientTape() as tape:
            value = loss(stride)
        return float(tape.gradient(value, stride))

    for cutoff in (1.27, 1.6, 1.95, 2.2, 3.7, 7.7):
        stride = np.float64(size / (2 * cutoff))
        around = [float(loss(stride + sign * 1e-6)) for sign in (1, -1)]
        expected = (around[0] - around[1]) / 2e-6
        assert gradient(cutoff) == pytest.approx(expected, rel=1e-5)
    # d cutoff / d stride is -2 cutoff^2 / N, and the ramp is as at 1.25.
    slope = gradient(1.25) / 1.25**2
    for cutoff in (0.3, 0.9, 1.1):
        assert gradient(cutoff) / cutoff**2 == pytest.approx(slope)
    assert slope < 0


def test_bins_at_the_ends_of_a_ramp_have_its_gradient():
    """A whole stride puts bins there, where backends disagree by themselves."""
    x = tf.Variable([-0.5, 0.0, 0.5, 1.0, 1.5])
    with tf.GradientTape() as tape:
        y = spectral._ramp(x)
    np.testing.assert_array_equal(y, [0, 0, 0.5, 1, 1])
    np.testing.assert_array_equal(tape.gradient(y, x), [0, 1, 1, 1, 0])
