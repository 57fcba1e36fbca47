"""Fixed sizes give the same results, and compile only when they change."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.framework import config as tensorflow_config

from audio_diffstride import AudioClassifier, DiffStride, TimeFrequencyEncoder
from audio_diffstride.optimization.size_refresh import RefreshSizes


def data(steps=5, batch=2):
    rng = np.random.default_rng(0)
    x = rng.normal(0, 3000, (steps * batch, 6400)).astype("int16")
    return x, {"a": rng.integers(0, 3, steps * batch)}


class Record(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.losses, self.sizes = [], []

    def on_train_batch_end(self, batch, logs=None):
        self.losses.append(logs["loss"])
        size = (40, 64)
        for block in self.model.encoder.blocks:
            size = block.output_size(size)
            self.sizes.append(size)


def train(jit_compile, fixed_sizes, **encoder):
    """A run whose strides a heavy cost drives up; the weights hardly move."""
    keras.utils.set_random_seed(0)
    model = AudioClassifier(
        {"a": 3},
        encoder=TimeFrequencyEncoder(
            channels=(3,),
            strides=((2, 2),),
            fixed_sizes=fixed_sizes,
            complexity_weight=1000.0,
            **encoder,
        ),
    )
    model.compile(
        keras.optimizers.SGD(2e-4),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=jit_compile,
    )
    record, refresh = Record(), RefreshSizes()
    callbacks = [refresh, record] if fixed_sizes else [record]
    x, y = data()
    model.fit(x, y, batch_size=2, shuffle=False, callbacks=callbacks, verbose=0)
    logits = model.predict(x[:2], verbose=0)["a"]
    return model, record, refresh, logits


@pytest.fixture(scope="module")
def moving():
    return train(jit_compile=False, fixed_sizes=False)


@pytest.mark.parametrize(
    "jit_compile", [False, pytest.param(True, marks=pytest.mark.slow)]
)
def test_training_equals_that_with_moving_sizes(
    jit_compile, moving, monkeypatch
):
    # Keras compiles nothing once another test has made TensorFlow so.
    monkeypatch.setattr(
        tensorflow_config, "is_op_determinism_enabled", lambda: False
    )
    model, record, refresh, logits = train(jit_compile, fixed_sizes=True)
    _, expected, _, expected_logits = moving
    assert record.sizes == expected.sizes
    assert len(set(record.sizes)) > 2  # they did move
    np.testing.assert_allclose(record.losses, expected.losses, rtol=1e-5)
    np.testing.assert_allclose(logits, expected_logits, atol=1e-4)
    assert model.jit_compile == jit_compile
    assert refresh.num_compilations <= len(set(record.sizes)) + 1


def test_rounded_sizes_compile_less_often_and_cover_the_exact_ones(moving):
    _, record, refresh, _ = train(False, fixed_sizes=True, size_multiple=8)
    _, expected, _, _ = moving
    exact = DiffStride(2.0).output_size((40, 64))
    rounded = DiffStride(2.0, size_multiple=8).output_size((40, 64))
    assert rounded == tuple(-(-size // 8) * 8 for size in exact)
    assert refresh.num_compilations < len(set(expected.sizes))


def test_sizes_that_come_back_are_not_compiled_again():
    model = AudioClassifier(
        {"a": 3},
        encoder=TimeFrequencyEncoder(
            channels=(3,), strides=((2, 2),), fixed_sizes=True
        ),
    )
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(True))
    layer = model.encoder.blocks[0].resampling
    there_and_back = [2.0, 2.5, 2.0, 2.5, 2.0]

    class Move(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            layer.strides.assign([there_and_back[batch]] * 2)

    refresh = RefreshSizes()
    x, y = data(steps=5)
    model.fit(x, y, batch_size=2, callbacks=[Move(), refresh], verbose=0)
    assert refresh.num_compilations == 2


def test_fixed_layers_compile_under_xla_and_others_say_that_they_cannot():
    x = tf.random.normal((2, 30, 20, 3))
    layer = DiffStride(2.0, fixed_sizes=True)
    compiled = tf.function(layer, jit_compile=True)
    np.testing.assert_allclose(compiled(x), layer(x), atol=1e-5)
    assert layer.supports_jit and not DiffStride(2.0).supports_jit


@pytest.mark.parametrize("fixed_sizes", [False, True])
def test_keras_decides_by_itself_whether_to_compile(fixed_sizes):
    model = keras.Sequential(
        [
            keras.Input((12, 10, 2)),
            DiffStride(2.0, fixed_sizes=fixed_sizes),
            keras.layers.GlobalMaxPooling2D(),
        ]
    )
    model.compile("sgd", "mse", jit_compile="auto")
    history = model.fit(np.ones((4, 12, 10, 2)), np.ones((4, 2)), verbose=0)
    assert np.isfinite(history.history["loss"]).all()


def test_a_loaded_model_has_the_sizes_of_its_strides(tmp_path):
    model = keras.Sequential(
        [keras.Input((40, 30, 2)), DiffStride(2.0, fixed_sizes=True)]
    )
    model.layers[0].strides.assign([3.0, 1.5])
    model.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras").layers[0]
    assert loaded.output_size((40, 30)) == DiffStride((3.0, 1.5)).output_size(
        (40, 30)
    )


@pytest.mark.parametrize("band", ["outside", "inside"])
def test_integers_and_tensors_give_the_same_size(band):
    from audio_diffstride.layers import spectral

    sizes = [(s, n) for s in np.linspace(1, 9, 60) for n in range(1, 130, 7)]
    strides, lengths = (np.array(column) for column in zip(*sizes))
    in_graph = tf.function(
        lambda s, n: tf.map_fn(
            lambda one: spectral.output_size(one[0], one[1], 4.0, band, 3),
            (s, n),
            fn_output_signature=tf.int32,
        )
    )(strides.astype("float32"), lengths.astype("int32"))
    ours = [
        spectral.output_size(np.float32(s), int(n), 4.0, band, 3)
        for s, n in sizes
    ]
    assert in_graph.numpy().tolist() == ours
