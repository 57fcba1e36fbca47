"""Arrays of samples, beside the files that hold the same."""

import io

import numpy as np
import pytest
import soundfile

from audio_diffstride.audio import arrays, reading
from audio_diffstride.errors import UserError
from tests.support.synthetic import tone


@pytest.mark.parametrize("rate_hz", [16000, 44100])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(
    ("subtype", "dtype"),
    [("PCM_16", "int16"), ("PCM_16", "float64"), ("FLOAT", "float32")],
)
def test_an_array_becomes_what_its_file_is_read_as(
    rate_hz, channels, subtype, dtype
):
    sound = np.stack([1.9 * tone(200 + 300 * c) for c in range(channels)], 1)
    file = io.BytesIO()
    soundfile.write(file, sound, rate_hz, subtype, format="WAV")
    file.seek(0)
    expected = reading.read_audio(file)
    file.seek(0)
    samples, _ = soundfile.read(file, dtype=dtype)
    converted = arrays.convert(samples, rate_hz)
    assert converted.dtype == np.int16
    np.testing.assert_array_equal(converted, expected)


@pytest.mark.parametrize(
    ("samples", "rate_hz", "message"),
    [
        (np.ones(9), None, "rate of the array is unknown"),
        (np.ones(9), "16k", "sample_rate_hz is '16k', but must be"),
        (np.ones(9), True, "sample_rate_hz is True"),
        (np.ones(9), float("nan"), "sample_rate_hz is nan"),
        (np.ones(9), 99, "from 100 to"),
        (np.ones(9), 16000.5, "must be a whole number"),
        (np.ones(9, int), 16000, "holds int64; give int16"),
        (np.ones(9, bool), 16000, "holds bool"),
        (["a"], 16000, "give int16, or floats"),
        (None, 16000, "holds object"),
        ([[1.0], [1.0, 2.0]], 16000, "not an array of samples"),
        ([], 16000, "no audio samples"),
        (np.ones((0, 2)), 16000, "no audio samples"),
        (np.ones((2, 9)), 16000, "transpose it"),
        (np.ones((9, 2, 2)), 16000, r"of shape \(9, 2, 2\)"),
        (0.5, 16000, r"must be \(samples,\)"),
        ([0.0, np.nan], 16000, "not finite"),
        ([0.0, np.inf], 16000, "not finite"),
        ([0.0, 32767.0], 16000, "divide them"),
        ([0.0], 10_000_000, "too short for a single sample"),
    ],
)
def test_any_other_array_is_refused(samples, rate_hz, message):
    with pytest.raises(UserError, match=message):
        arrays.convert(samples, rate_hz)
