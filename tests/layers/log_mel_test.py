"""The front end against librosa."""

import librosa
import numpy as np
import pytest
import tensorflow as tf

from audio_diffstride import LogMelSpectrogram
from audio_diffstride.runs import loading
from configs import default
from tests.support.layer_test_case import run_layer_test


def sweep(seconds=1.0, rate_hz=16000):
    time_s = np.arange(int(seconds * rate_hz)) / rate_hz
    noise = np.random.default_rng(0).normal(0, 0.01, time_s.shape)
    tone = np.sin(2 * np.pi * (200 * time_s + 1500 * time_s**2))
    return (0.5 * tone + noise).astype("float32")[None]


def librosa_log_mel(y, layer):
    frames = -(-len(y) // layer.hop_samples)
    before = (layer.fft_samples - layer.hop_samples) // 2
    total = (frames - 1) * layer.hop_samples + layer.fft_samples
    y = np.pad(y.astype("float64"), (before, total - before - len(y)))
    mel = librosa.feature.melspectrogram(
        y=y,
        sr=layer.sample_rate_hz,
        n_fft=layer.fft_samples,
        win_length=layer.window_samples,
        hop_length=layer.hop_samples,
        center=False,
        n_mels=layer.num_bands,
        fmin=layer.min_hz,
        fmax=layer.max_hz,
        dtype=np.float64,
    )
    return np.log(mel.T + layer.log_offset)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"num_bands": 40, "window_ms": 32.0, "hop_ms": 16.0},
        {"sample_rate_hz": 8000, "max_hz": 4000.0, "num_bands": 32},
    ],
)
@pytest.mark.parametrize("num_samples", [16000, 12345, 100])
def test_equals_librosa(arguments, num_samples):
    layer = LogMelSpectrogram(**arguments)
    y = sweep()[:, :num_samples]
    expected = librosa_log_mel(y[0], layer)
    np.testing.assert_allclose(layer(y)[0, ..., 0], expected, atol=1e-4)


def test_a_second_is_a_hundred_frames():
    assert LogMelSpectrogram()(sweep()).shape == (1, 100, 64, 1)


def test_frames_are_counted_in_samples_and_not_in_seconds():
    config = default.get_config()
    config.window_s = 1.1  # 1000 * 1.1 / 10 rounds up to 111
    samples = loading.window_samples(config)
    layer = LogMelSpectrogram(**config.front_end)
    assert (samples, layer.num_frames(samples)) == (17600, 110)
    assert layer(np.zeros((1, samples), "float32")).shape[1] == 110


def test_an_impulse_is_loudest_in_the_frame_of_its_hop():
    for hop in (0, 17, 99):
        y = np.zeros((1, 16000), "float32")
        y[0, hop * 160 + 80] = 1.0
        loudness = LogMelSpectrogram()(y).numpy().sum(axis=(0, 2, 3))
        assert loudness.argmax() == hop


def test_does_what_every_layer_does(tmp_path):
    run_layer_test(LogMelSpectrogram, (3, 4000), tmp_path)


def test_features_do_not_change_with_the_neighbours_in_the_batch():
    # Keras's own MelSpectrogram fails this by 37 dB.
    layer = LogMelSpectrogram()
    quiet = 1e-3 * sweep()
    alone = layer(quiet)[0]
    batched = layer(np.concatenate([quiet, 1e3 * sweep()]))[0]
    np.testing.assert_allclose(batched, alone, atol=1e-6)


def test_16_bit_integers_are_scaled_to_full_scale():
    integers = np.round(sweep() * 20000).astype("int16")
    layer = LogMelSpectrogram()
    floats = integers.astype("float32") / 32768
    np.testing.assert_allclose(layer(integers), layer(floats), atol=1e-6)


def test_silence_is_the_logarithm_of_the_offset():
    y = LogMelSpectrogram(log_offset=1e-3)(np.zeros((1, 1600), "float32"))
    np.testing.assert_allclose(y, np.log(1e-3), rtol=1e-6)


def test_graph_of_unknown_length_equals_eager():
    layer = LogMelSpectrogram()
    layer.build((None, None))
    graph = tf.function(
        lambda x: layer(x), input_signature=[tf.TensorSpec((None, None))]
    )
    for num_samples in (1, 159, 160, 161, 16000):
        y = sweep()[:, :num_samples]
        np.testing.assert_allclose(graph(y), layer(y), atol=1e-5)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"num_bands": 0}, "`num_bands` must be > 0"),
        ({"hop_ms": 0}, "`hop_ms` must be > 0"),
        ({"hop_ms": 30.0}, "`hop_ms` must be .* at most `window_ms`"),
        ({"max_hz": 9000.0}, "max_hz <= sample_rate_hz / 2.*9000"),
        ({"min_hz": 8000.0}, "min_hz < max_hz"),
        ({"log_offset": 0.0}, "`log_offset` must be > 0"),
    ],
)
def test_a_bad_argument_is_named_with_its_rule(arguments, message):
    with pytest.raises(ValueError, match=message):
        LogMelSpectrogram(**arguments)


def test_bands_without_a_frequency_are_refused():
    with pytest.raises(ValueError, match="`num_bands` must leave every band"):
        LogMelSpectrogram(num_bands=200)(sweep())
