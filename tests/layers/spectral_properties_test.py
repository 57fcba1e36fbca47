"""Properties of the resampling matrix for every size, stride and ramp."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio_diffstride.layers import spectral
from tests.support import numpy_oracle

QUICK = settings(
    deadline=None, derandomize=True, max_examples=40, database=None
)
LONG = settings(QUICK, max_examples=1000)


def check_matrix(size, stride, smoothness, band, seed):
    """It equals NumPy's FFT, and a constant keeps its value."""
    # The strides of a layer are float32.
    stride = float(np.float32(stride))
    tensor = keras.ops.convert_to_tensor(stride, "float64")
    used = spectral.effective_stride(tensor, size, smoothness, band)
    resampled = spectral.output_size(used, size, smoothness, band)
    mask = spectral.transition_mask(used, size, smoothness, band)
    matrix = keras.ops.convert_to_numpy(
        spectral.resampling_matrix(mask, size, resampled)
    )
    assert matrix.shape == (resampled, size)
    assert 1 <= resampled <= size
    np.testing.assert_allclose(matrix.sum(axis=1), 1, atol=1e-6)
    x = np.random.default_rng(seed).normal(size=(size,))
    of_axis = (size, stride, smoothness, band)
    assert resampled in numpy_oracle.output_sizes(*of_axis)
    expected = numpy_oracle.downsample(
        x, 0, stride, smoothness, band, new_size=resampled
    )
    np.testing.assert_allclose(matrix @ x, expected, atol=1e-5)


MATRIX = given(
    st.integers(1, 160),
    st.floats(1, 40),
    st.floats(0.25, 20),
    st.sampled_from(spectral.TRANSITION_BANDS),
    st.integers(0, 99),
)

test_a_matrix_is_the_fft_and_keeps_constants = QUICK(MATRIX(check_matrix))
test_matrices_in_long = pytest.mark.slow(LONG(MATRIX(check_matrix)))


def test_a_length_at_the_edge_of_the_tolerance_is_either_size():
    """40 / 2.00001 + 1e-4 is 20 in float32, and less in float64."""
    case = {"stride": 2.00001, "smoothness": 1.0, "band": "outside"}
    case["stride"] = float(np.float32(case["stride"]))
    assert numpy_oracle.output_sizes(40, **case) == [21, 22]
    check_matrix(40, **case, seed=0)


def test_sizes_away_from_the_edge_are_one():
    """A stride 1e-5 off the edge leaves no doubt."""
    for size in (40, 160):
        for stride in (2.0, 2.00003, 1.99999):
            sizes = numpy_oracle.output_sizes(size, stride, 1.0, "inside")
            assert len(sizes) == 1
