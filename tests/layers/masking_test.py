"""Hidden stripes of spectrograms, against NumPy, on whichever backend."""

import numpy as np
import pytest
from keras import ops

from audio_diffstride.layers.masking import mask_stripes

RNG = np.random.default_rng(0)
FEATURES = RNG.normal(-7, 3, (3, 20, 8, 1)).astype("float32")
TIME = np.array([[[0, 3], [18, 20]], [[5, 5], [4, 6]], [[0, 20], [1, 2]]])
BANDS = np.array([[[7, 8]], [[0, 0]], [[0, 8]]])


def by_numpy(features, time_masks, frequency_masks):
    masked = features.copy()
    for one, times, bands in zip(masked, time_masks, frequency_masks):
        mean = one.mean()
        for begin, end in times:
            one[begin:end] = mean
        for begin, end in bands:
            one[:, begin:end] = mean
    return masked


@pytest.mark.parametrize("time, bands", [(TIME, BANDS), (TIME, 0 * BANDS)])
def test_stripes_become_the_mean_of_their_spectrogram(time, bands):
    masks = time.astype("int32"), bands.astype("int32")
    found = ops.convert_to_numpy(mask_stripes(FEATURES, *masks))
    expected = by_numpy(FEATURES, time, bands)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    untouched = expected == FEATURES
    assert (found[untouched] == FEATURES[untouched]).all()
    assert 0.1 < untouched.mean() < 0.9


def test_masks_without_width_change_no_bit():
    nothing = np.zeros((3, 2, 2), "int32")
    found = mask_stripes(FEATURES, nothing, nothing)
    assert (ops.convert_to_numpy(found) == FEATURES).all()


def test_half_precision_stays_half_precision():
    features = ops.cast(FEATURES, "bfloat16")
    masks = TIME.astype("int32"), BANDS.astype("int32")
    found = mask_stripes(features, *masks)
    assert "bfloat16" in str(found.dtype)
    np.testing.assert_allclose(
        ops.convert_to_numpy(ops.cast(found, "float32")),
        by_numpy(FEATURES, TIME, BANDS),
        rtol=0.02,
        atol=0.05,
    )
