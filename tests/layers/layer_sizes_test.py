"""Sizes and precision of DiffStride layers, whose functions are pure."""

import numpy as np
import pytest
from keras import ops

from audio_diffstride import DiffStride
from audio_diffstride.layers import spectral


def test_the_defaults_are_the_layer_of_the_paper():
    config = DiffStride().get_config()
    expected = {
        "smoothness_factor": 4.0,
        "smoothness_percent": 0.0,
        "transition_band": "outside",
        "shared_stride": False,
        "lower_limit_stride": None,
        "upper_limit_stride": None,
        "fixed_sizes": False,
        "size_multiple": 1,
        "folding": 0.0,
        "learn_folding": False,
        "shared_folding": False,
        "folded_axes": "all",
        "folded_channels": "all",
        "strides": 2.0,
        "trainable": True,
    }
    assert {name: config[name] for name in expected} == expected


@pytest.mark.parametrize("multiple", [0, -1, 1.5, "2"])
def test_a_multiple_that_is_no_whole_number_is_refused(multiple):
    with pytest.raises(ValueError, match="`size_multiple` must be an integer"):
        DiffStride(size_multiple=multiple)


def test_a_width_in_percent_is_that_of_each_axis():
    layer = DiffStride(2.0, smoothness_factor=9.0, smoothness_percent=5.0)
    layer.build((None, 100, 64, 1))
    for axis, size in enumerate((100, 64)):
        width = max(1.0, 0.05 * size)
        mask = spectral.transition_mask(2.0, size, width)
        found = ops.convert_to_numpy(layer.mask(size, axis))
        np.testing.assert_allclose(found, mask, atol=1e-6)
    assert layer.output_size((100, 64)) == (60, 38)


@pytest.mark.parametrize(
    "strides, limits, used",
    [
        ((1.5, 3.0), {}, (1.5, 3.0)),
        ((1.5, 3.0), {"lower_limit_stride": 2.5}, (2.5, 3.0)),
        ((1.5, 3.0), {"upper_limit_stride": 2.0}, (1.5, 2.0)),
    ],
)
def test_fixed_sizes_are_those_of_the_strides_within_their_limits(
    strides, limits, used
):
    layer = DiffStride(strides, fixed_sizes=True, **limits)
    layer.build((None, 40, 30, 1))
    assert layer.output_size((40, 30)) == tuple(
        spectral.output_size(stride, size, 4.0)
        for stride, size in zip(used, (40, 30))
    )


def test_a_refresh_says_whether_a_size_has_changed():
    layer = DiffStride(2.0, fixed_sizes=True)
    layer(np.zeros((1, 40, 30, 1), "float32"))
    assert not layer.refresh_sizes()
    layer.strides.assign([2.0, 2.5])
    assert layer.output_size((40, 30)) == (28, 23)
    assert layer.refresh_sizes()
    assert layer.output_size((40, 30)) == (28, 20)
    # Sizes of the values that are given, whatever the variable holds.
    assert not layer.refresh_sizes(np.array([2.0, 2.0]))
    assert layer.output_size((40, 30)) == (28, 23)
    assert layer.matches_sizes({(0, 40): 28, (1, 30): 23})
    assert not layer.matches_sizes({(0, 40): 28, (1, 30): 20})


def test_an_axis_of_one_or_two_samples_has_a_known_size():
    for size, known in ((1, 1), (2, 2), (3, None), (40, None)):
        shape = DiffStride(2.0).compute_output_shape((None, size, 8, 3))
        assert shape == (None, known, None, 3)


def test_half_precision_moves_no_cut_off():
    """The stride rounds to 1.9033 there: 0.05 bins on an axis of 1000."""
    stride, bins = 1.90295, np.array([262, 263])
    waves = np.cos(2 * np.pi * np.outer(np.arange(1000), bins) / 1000)
    layer = DiffStride(stride, smoothness_factor=1.0, dtype="mixed_float16")
    y = ops.convert_to_numpy(layer(waves[None].astype("float32")))
    gains = np.sqrt(2 * np.mean(np.square(y[0].astype("float64")), axis=0))
    expected = np.clip(1 + 1000 / (2 * stride) - bins, 0, 1)
    np.testing.assert_allclose(gains, expected, atol=0.01)
