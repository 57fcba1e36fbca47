"""A frozen network is the model that it was made from."""

import librosa
import numpy as np
import pytest

from audio_diffstride import AudioClassifier, LogMelSpectrogram, freeze
from audio_diffstride.errors import UserError
from audio_diffstride.export import freezing, front_end, steps
from audio_diffstride.models import ResNet
from tests.support import random_classifier
from tests.support.synthetic import tone

ARMS = [
    {},
    {"transition_band": "inside"},
    {"smoothness_percent": 4.0},
    {"downsampling": "strided_conv"},
    {"downsampling": "spectral", "strides": ((1.6, 2.1), (2, 1.3))},
    {"downsampling": "max_pool"},
    {"downsampling": "average_pool"},
    {"channels": (40, 50)},
    *(
        {"downsampling_position": position, "downsampling": downsampling}
        for position in ("before_convolution", "after_relu")
        for downsampling in ("diffstride", "max_pool", "average_pool")
    ),
    {"channels": (3, 3, 3, 3), "strides": ((4, 4),) * 4},
    {"folding": 0.5, "learn_folding": True, "transition_band": "inside"},
    *(
        {
            "folding": 0.7,
            "folded_channels": "half",
            "channels": (5, 7),
            "downsampling_position": position,
        }
        for position in ("before_convolution", "after_convolution")
    ),
]


def waveforms(samples: int):
    """A tone, noise and silence."""
    noise = np.random.default_rng(0).normal(0, 0.1, samples)
    rows = [tone(440, samples / 16000), noise, np.zeros(samples)]
    return np.stack(rows).astype("float32")


@pytest.fixture(scope="module", params=ARMS, ids=str)
def model(request):
    """A classifier of each arm."""
    return random_classifier.build(**request.param)


@pytest.mark.parametrize("samples", [6400, 5555])
def test_frozen_logits_are_the_models(model, samples):
    x = waveforms(samples)
    expected, logits = model(x, training=False), freeze(model, samples)(x)
    assert {*logits} == {*expected}
    for task, values in expected.items():
        largest = max(1.0, float(np.abs(values).max()))
        np.testing.assert_allclose(
            logits[task], values, rtol=0, atol=1e-5 * largest
        )


def test_strides_are_those_of_now_and_stay():
    model = random_classifier.build()
    x = waveforms(6400)
    before = freeze(model, 6400)
    first = np.asarray(before(x)["bird"])
    for block in model.encoder.blocks:
        block.resampling.strides.assign([3.0, 1.2])
    now = np.asarray(freeze(model, 6400)(x)["bird"])
    np.testing.assert_array_equal(before(x)["bird"], first)
    np.testing.assert_allclose(now, model(x)["bird"], atol=1e-4)
    assert np.abs(now - first).max() > 0.01


def test_a_model_in_half_precision_is_frozen_in_single():
    single = random_classifier.build()
    half = random_classifier.build(precision="mixed_bfloat16")
    half.set_weights(single.get_weights())
    x = waveforms(6400)
    expected = np.asarray(single(x)["bird"])
    assert np.abs(np.asarray(half(x)["bird"]) - expected).max() > 1e-3
    twin = freezing.in_float32(half)
    np.testing.assert_array_equal(twin(x)["bird"], expected)
    np.testing.assert_allclose(freeze(half, 6400)(x)["bird"], expected, 1e-4)
    assert freezing.in_float32(single) is single


def test_both_orders_of_convolution_and_resampling_are_taken():
    """Else one of them is never compared with the model above."""
    both = {
        (steps.Resampling, steps.Convolution),
        (steps.Convolution, steps.Resampling),
    }
    orders = set()
    for fields in ARMS:
        network = freezing.freeze_network(
            random_classifier.build(**fields), 6400
        )
        for block in network.blocks:
            kinds = [type(step) for step in block]
            for pair in zip(kinds, kinds[1:]):
                if steps.Resampling in pair:
                    orders.add(pair)
        if both <= orders:
            return
    assert both <= orders


def layer(**fields):
    front = LogMelSpectrogram(**fields)
    front.build((None, None))
    return front


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"sample_rate_hz": 8000, "max_hz": 3900, "num_bands": 32},
        {"sample_rate_hz": 11025, "max_hz": 5000, "num_bands": 32},
        {"window_ms": 32.0, "hop_ms": 16.0},
        {"window_ms": 10.0, "hop_ms": 10.0, "num_bands": 16},
    ],
    ids=str,
)
@pytest.mark.parametrize("samples", [6400, 5001, 100])
def test_the_front_end_is_the_layers(fields, samples):
    front, x = layer(**fields), waveforms(samples)
    y = steps.apply(front_end.freeze(front, samples), x)
    np.testing.assert_allclose(y, front(x), rtol=0, atol=1e-4)


def true_log_mel(x, front):
    """Frames and transforms one by one, in double precision."""
    length, hop, points = (
        front.window_samples,
        front.hop_samples,
        front.fft_samples,
    )
    before = (points - hop) // 2 - (points - length) // 2
    padded = np.pad(x.astype(float), [(0, 0), (before, points)])
    starts = range(0, x.shape[1], hop)
    frames = np.stack([padded[:, s : s + length] for s in starts], axis=1)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
    power = np.abs(np.fft.rfft(frames * hann, points)) ** 2
    mel = librosa.filters.mel(
        sr=front.sample_rate_hz,
        n_fft=points,
        n_mels=front.num_bands,
        fmin=front.min_hz,
        fmax=front.max_hz,
    )
    return np.log(power @ mel.T + front.log_offset)[..., None]


def test_loud_pure_tones_are_as_near_the_truth_as_the_layers():
    """There both lose digits, in bands where next to nothing is."""
    front = layer()
    time_s = np.arange(16000) / 16000
    x = np.stack([np.sin(2 * np.pi * hz * time_s) for hz in (100, 764, 3000)])
    x = x.astype("float32")
    truth = true_log_mel(x, front)
    y = np.asarray(steps.apply(front_end.freeze(front, 16000), x))
    mine = np.abs(y - truth).max()
    assert mine < 1e-3
    assert mine < 2 * np.abs(np.asarray(front(x)) - truth).max()


def test_an_encoder_that_cannot_be_frozen_is_reported():
    encoder = ResNet(channels=(2, 4), strides=((2, 2),))
    model = AudioClassifier({"word": 2}, encoder=encoder)
    with pytest.raises(UserError, match="can be exported; this one has ResNet"):
        freeze(model)
