"""Tests that every Keras backend must pass; see `make backends`."""

import functools
import itertools
import os
import pathlib
import subprocess
import sys

import keras
import librosa
import numpy as np
import pytest
from keras import ops

from audio_diffstride import (
    AudioClassifier,
    DiffStride,
    LogMelSpectrogram,
    TimeFrequencyEncoder,
    backends,
)
from audio_diffstride.backends import during_fit
from audio_diffstride.backends.forward import forward
from audio_diffstride.layers import axis_products, spectral
from audio_diffstride.models.downsampler import DOWNSAMPLING
from tests.support import five_steps, numpy_oracle
from tests.support.autodiff import gradients

ROOT = pathlib.Path(__file__).parents[2]
CASES = [
    (band, size, stride)
    for band in ("outside", "inside")
    for size, stride in ((1, 2.0), (3, 1.0), (20, 1.7), (41, 2.93), (64, 5.1))
]


def noise(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


@pytest.mark.parametrize("band, size, stride", CASES)
def test_the_layer_is_the_filter_that_numpy_computes(band, size, stride):
    x = noise(2, size, 3)
    layer = DiffStride(stride, transition_band=band)
    expected = numpy_oracle.downsample(x, 1, stride, band=band)
    np.testing.assert_allclose(
        ops.convert_to_numpy(layer(x)), expected, atol=1e-5
    )


@pytest.mark.parametrize(
    "band, size, stride", [case for case in CASES if case[1] > 3]
)
def test_its_gradients_are_numpys_differences(band, size, stride):
    x = noise(2, size, 3)
    layer = DiffStride(stride, transition_band=band)
    upstream = noise(*layer(x).shape)

    def loss(x, strides):
        # The layer's own variable takes part as an argument.
        with keras.StatelessScope(state_mapping=[(layer.strides, strides)]):
            return ops.sum(ops.multiply(layer(x), upstream))

    def expected_loss(x, stride):
        y = numpy_oracle.downsample(x, 1, stride, band=band)
        return (y * upstream).sum()

    _, of_x, of_stride = gradients(loss, [x, np.float32([stride])])
    step = 1e-5
    numerical = (
        expected_loss(x, stride + step) - expected_loss(x, stride - step)
    ) / (2 * step)
    np.testing.assert_allclose(of_stride, [numerical], rtol=1e-4, atol=1e-4)
    identity = np.eye(size)[None]
    matrix = numpy_oracle.downsample(identity, 1, stride, band=band)[0]
    of_x_expected = np.einsum("mn,bmc->bnc", matrix, upstream)
    np.testing.assert_allclose(of_x, of_x_expected, atol=1e-5)


@pytest.mark.parametrize("folding", [0.0, 0.3, 1.0])
@pytest.mark.parametrize(
    "band, size, stride", [case for case in CASES if case[1] > 3]
)
def test_folding_and_its_gradients_are_numpys(band, size, stride, folding):
    x = noise(2, size, 3)
    layer = DiffStride(
        stride, transition_band=band, folding=folding, learn_folding=True
    )
    y = ops.convert_to_numpy(layer(x))
    expected = numpy_oracle.fold(x, 1, stride, folding, band=band)
    np.testing.assert_allclose(y, expected, atol=2e-5)
    upstream = noise(*y.shape)

    def loss(strides, folding):
        mapping = [(layer.strides, strides), (layer.folding, folding)]
        with keras.StatelessScope(state_mapping=mapping):
            return ops.sum(ops.multiply(layer(x), upstream))

    def numerical(stride_step, folding_step):
        values = [
            numpy_oracle.fold(
                *(x, 1, stride + sign * stride_step),
                folding + sign * folding_step,
                band=band,
            )
            for sign in (1, -1)
        ]
        step = 2 * (stride_step + folding_step)
        return ((values[0] - values[1]) * upstream).sum() / step

    _, of_stride, of_folding = gradients(
        loss, [np.float32([stride]), np.float32([folding])]
    )
    tolerance = {"rtol": 1e-4, "atol": 1e-4}
    np.testing.assert_allclose(of_stride, [numerical(1e-5, 0)], **tolerance)
    np.testing.assert_allclose(of_folding, [numerical(0, 1e-5)], **tolerance)


@pytest.mark.parametrize(
    "band, sloping",
    [("outside", range(10, 15)), ("inside", range(6, 11))],
)
def test_at_both_ends_of_a_ramp_the_slope_is_the_ramps(band, sloping):
    """N = 40 and S = 2 put the ends exactly on bins."""
    weights = noise(21)
    _, slope = gradients(
        lambda stride: ops.sum(
            ops.multiply(
                spectral.transition_mask(stride, 40, 4.0, band), weights
            )
        ),
        [np.float32(2.0)],
    )
    # The cut-off N / (2 S) moves by -N / (2 S S) = -5 bins per stride.
    expected = -5 / 4.0 * sum(weights[bin] for bin in sloping)
    np.testing.assert_allclose(slope, expected, rtol=1e-5)


@pytest.mark.parametrize("axis", [1, 2])
def test_both_orders_of_convolution_have_the_same_gradients(axis):
    x = noise(2, 9, 7, 3)
    kernel = noise(*((3, 1) if axis == 1 else (1, 3)), 3, 4)
    matrix = noise(5, x.shape[axis])

    def loss(*arrays, resample_first):
        y = axis_products.convolve_and_resample(*arrays, axis, resample_first)
        return ops.sum(ops.sin(y))

    first, last = (
        gradients(
            lambda *arrays, order=order: loss(*arrays, resample_first=order),
            [x, kernel, matrix],
        )
        for order in (True, False)
    )
    for ours, theirs in zip(first, last):
        atol = 2e-6 * np.abs(theirs).max()  # sums of dozens of products
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=atol)


def test_the_front_end_is_librosas():
    x = noise(2, 4000) / 10
    layer = LogMelSpectrogram()
    before = (layer.fft_samples - layer.hop_samples) // 2
    padded = np.pad(x, [(0, 0), (before, layer.fft_samples)])
    power = librosa.feature.melspectrogram(
        y=padded,
        sr=16000,
        n_fft=512,
        hop_length=160,
        win_length=400,
        center=False,
        n_mels=64,
        fmin=60.0,
        fmax=7800.0,
    )
    expected = np.log(power + 1e-6).transpose(0, 2, 1)[:, :25, :, None]
    ours = ops.convert_to_numpy(layer(x))
    np.testing.assert_allclose(ours, expected, atol=1e-3)
    as_pcm = np.round(x * 32768).clip(-32768, 32767).astype("int16")
    assert np.abs(ops.convert_to_numpy(layer(as_pcm)) - ours).max() < 0.5


@pytest.mark.parametrize("arm", DOWNSAMPLING)
def test_every_arm_scores_a_batch_as_its_windows_one_by_one(arm):
    model = AudioClassifier(
        {"a": 3},
        encoder=TimeFrequencyEncoder(
            (3, 4), ((2, 2), (2, 1)), downsampling=arm
        ),
    )
    x = (3000 * noise(3, 3200)).astype("int16")
    together = forward(model, 3, 3200)(x)["a"]
    alone = forward(model, 1, 3200)
    one_by_one = np.concatenate([alone(row[None])["a"] for row in x])
    np.testing.assert_allclose(together, one_by_one, atol=1e-5)
    eager = ops.convert_to_numpy(model(x, training=False)["a"])
    np.testing.assert_allclose(together, eager, atol=1e-5)


def test_values_read_during_a_fit_are_those_after_the_step():
    """They equal the values after a full synchronisation."""
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile("sgd", "mse")
    kernel, bias = model.trainable_variables
    read, synced = [], []

    class Read(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.values = during_fit.ValuesDuringFit(model, [bias, kernel])

        def on_train_batch_end(self, batch, logs=None):
            read.append(self.values.read())
            if keras.backend.backend() == "jax":
                model.jax_state_sync()
            synced.append([ops.convert_to_numpy(v) for v in (bias, kernel)])

    model.fit(
        noise(6, 3), noise(6, 2), batch_size=2, callbacks=[Read()], verbose=0
    )
    assert not np.allclose(read[0][1], read[2][1])  # they did move
    for ours, theirs in zip(read, synced):
        for value, expected in zip(ours, theirs):
            np.testing.assert_array_equal(value, expected)


def test_a_saved_model_does_not_depend_on_its_backend(tmp_path):
    """Neither the compilation nor fixed sizes are saved."""
    model = five_steps.make_model()
    model.compile("sgd", "mse", jit_compile=keras.backend.backend() == "jax")
    assert model.get_compile_config()["jit_compile"] == "auto"
    layer = model.encoder.blocks[0].resampling
    assert layer.fixed_sizes == (keras.backend.backend() == "jax")
    assert layer.get_config()["fixed_sizes"] is False


BACKENDS = ("tensorflow", "jax", "torch")


@pytest.fixture(scope="module")
def five_steps_of(tmp_path_factory):
    """Five steps from the same weights: backend -> folder of results.

    Each backend runs once. A backend that is not installed skips the test.
    """
    folder = tmp_path_factory.mktemp("five")

    @functools.cache
    def of(backend):
        if not backends.is_installed(backend):
            pytest.skip(f"{backend} is not installed")
        start = folder / "start.keras"
        if not start.exists():
            five_steps.make_model().save(start)
        (folder / backend).mkdir()
        run(backend, "five_steps", start, folder / backend)
        return folder / backend

    return of


@pytest.fixture(scope="module")
def evaluated_by(five_steps_of, tmp_path_factory):
    """A backend -> {which one saved a model: its logits by the former}.

    Each backend evaluates all models in one process.
    """
    folder = tmp_path_factory.mktemp("evaluated")
    installed = [*filter(backends.is_installed, BACKENDS)]

    @functools.cache
    def by(backend):
        models = [five_steps_of(each) / "after.keras" for each in installed]
        output = folder / f"{backend}.npz"
        run(backend, "saved_logits", output, *models)
        return dict(zip(installed, np.load(output).values(), strict=True))

    return by


def run(backend, program, *words):
    """Runs a program of tests/support/ by a backend."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.support.{program}", *words],
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_strides_move_the_sizes_within_five_steps(backend, five_steps_of):
    numbers = np.load(five_steps_of(backend) / "numbers.npz")
    assert len(set(map(tuple, numbers["sizes"].tolist()))) > 6


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS[1:])
def test_five_steps_are_the_same_on_every_backend(backend, five_steps_of):
    other = np.load(five_steps_of(backend) / "numbers.npz")
    first = np.load(five_steps_of("tensorflow") / "numbers.npz")
    assert other["sizes"].tolist() == first["sizes"].tolist()
    for name in ("before", "losses", "strides", "after"):
        np.testing.assert_allclose(
            other[name], first[name], rtol=1e-4, atol=1e-4, err_msg=name
        )


@pytest.mark.slow
@pytest.mark.parametrize(
    "saved_by, loaded_by", [*itertools.product(BACKENDS, repeat=2)]
)
def test_a_model_saved_by_one_is_evaluated_alike_by_another(
    saved_by, loaded_by, five_steps_of, evaluated_by
):
    folder = five_steps_of(saved_by)
    five_steps_of(loaded_by)  # skips the test where it is not installed
    expected = np.load(folder / "numbers.npz")["after"]
    logits = evaluated_by(loaded_by)[saved_by]
    np.testing.assert_allclose(logits, expected, atol=1e-4)
