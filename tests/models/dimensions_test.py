"""Networks of one and of three dimensions."""

import math
import pathlib

import keras
import numpy as np
import pytest

from audio_diffstride import AudioClassifier, cutoffs
from audio_diffstride.errors import UserError
from audio_diffstride.layers import Waveform
from audio_diffstride.models import WaveformEncoder
from audio_diffstride.models.downsampler import DOWNSAMPLING
from audio_diffstride.report import run
from audio_diffstride.runs import loading

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "howto" / "dimensions.md"


def small(**arguments):
    return WaveformEncoder(
        channels=(2, 3),
        strides=((4,), (2,)),
        first_taps=20,
        first_stride=5,
        **arguments,
    )


def test_weights_of_m5():
    # By hand, from table 1 of Dai et al.: convolutions, biases, norms.
    encoder = WaveformEncoder(
        first_taps=80, first_stride=4, downsampling="max_pool"
    )
    encoder.build((None, None, 1))
    kernels = 80 * 128 + 3 * (128 * 128 + 128 * 256 + 256 * 512)
    rest = (1 + 2) * (128 + 128 + 256 + 512)
    trained = sum(math.prod(v.shape) for v in encoder.trainable_variables)
    assert trained == kernels + rest


@pytest.mark.parametrize("arm", DOWNSAMPLING)
def test_sizes_are_predicted(arm):
    encoder = small(downsampling=arm)
    y = encoder(np.zeros((2, 1003, 1), "float32"))
    rows = encoder.multiply_adds((1003,))
    assert rows[-1]["output_size"] == (y.shape[1],)
    assert rows[0]["input_size"] == (201,)


def test_strides_are_bandwidth_in_hz_at_each_depth(tmp_path):
    model = AudioClassifier({"a": 2}, Waveform(8000), small())
    first, second = model.encoder.downsamplers
    first.resampling.strides.assign([2.5])
    model.save(tmp_path / "model.keras")
    model = keras.saving.load_model(tmp_path / "model.keras")
    rows = cutoffs.report(model, (8000,))
    assert [(row["axis"], row["unit"]) for row in rows] == [("time", "Hz")] * 2
    # 8 kHz, every fifth sample: 1600 positions a second.
    assert rows[0]["rate"] == 1600
    assert rows[0]["cutoff"] == pytest.approx(1600 / (2 * 2.5))
    assert rows[1]["rate"] == 1600 * rows[0]["output_size"] / 1600
    assert cutoffs.strides(model) == {"block1_time": 2.5, "block2_time": 2.0}


def test_a_tone_above_the_cut_off_is_gone_and_one_below_is_kept():
    """The layer does to the features what the report says."""
    place = small(transition_band="inside").downsamplers[0]
    t = np.arange(1600) / 1600
    kept = [
        float(np.std(keras.ops.convert_to_numpy(place(tone))))
        for hz in (100, 300)  # cut-off: 1600 / (2 * 4) = 200 Hz
        for tone in [
            np.sin(2 * np.pi * hz * t)[None, :, None].astype("float32")
        ]
    ]
    assert kept[0] == pytest.approx(np.sqrt(0.5), rel=1e-3)
    assert kept[1] < 1e-4


def test_a_network_without_a_spectrogram_has_no_report(monkeypatch):
    model = AudioClassifier({"a": 2}, Waveform(8000), small())
    monkeypatch.setattr(loading, "load_config", lambda *_: None)
    monkeypatch.setattr(loading, "load_model", lambda *_: model)
    with pytest.raises(UserError, match="takes the waveform itself"):
        run.load("somewhere")


def test_the_band_of_a_waveform_ends_at_half_the_sample_rate():
    assert Waveform(8000).band_hz == (0, 4000)


def test_integer_samples_are_scaled():
    x = np.array([[-32768, 0, 16384]], "int16")
    y = keras.ops.convert_to_numpy(Waveform()(x))
    np.testing.assert_array_equal(y[0, :, 0], [-1, 0, 0.5])


@pytest.mark.slow
def test_the_page_s_video_keeps_frames_and_gives_up_pixels():
    (code,) = [
        part.removeprefix("python\n")
        for part in PAGE.read_text("utf-8").split("```")
        if part.startswith("python\n")
    ]
    found = {}
    exec(code, found)
    assert found["accuracy"] > 0.9
    for time, height, width in found["strides"].values():
        assert time < 2 < min(height, width)
