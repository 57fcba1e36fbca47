"""Checks that every layer of the package must pass."""

import inspect

import keras
import numpy as np
from keras import ops


def run_layer_test(make_layer, input_shape, tmp_path, dtype="float32"):
    """Checks a layer's config, saving, shapes, dtypes and batching.

    Args:
        make_layer: called with keyword arguments for the Keras base class.
        input_shape: with the batch.
        tmp_path: where a model may be saved.
        dtype: of the input.
    """
    layer = make_layer(name="layer")
    x = np.random.default_rng(0).normal(size=input_shape).astype(dtype)
    y = ops.convert_to_numpy(layer(x))

    _check_config(layer)
    _check_symbolic_shape(layer, input_shape, y.shape)
    _check_batch_is_independent(layer, x, y)
    _check_saved_model_is_equal(layer, x, y, tmp_path)
    _check_mixed_precision(make_layer, x, y)


def _check_config(layer):
    config = layer.get_config()
    again = type(layer).from_config(config)
    assert again.get_config() == config
    parameters = inspect.signature(type(layer).__init__).parameters
    missing = set(parameters) - {"self", "kwargs"} - set(config)
    assert not missing, f"get_config lacks {missing}"


def _check_symbolic_shape(layer, input_shape, output_shape):
    symbolic = layer(keras.Input(input_shape[1:]))
    assert len(symbolic.shape) == len(output_shape)
    for known, size in zip(symbolic.shape[1:], output_shape[1:]):
        assert known is None or known == size


def _check_batch_is_independent(layer, x, y):
    for index in range(len(x)):
        alone = ops.convert_to_numpy(layer(x[index : index + 1]))
        np.testing.assert_allclose(alone[0], y[index], atol=1e-5)


def _check_saved_model_is_equal(layer, x, y, tmp_path):
    model = keras.Sequential([keras.Input(x.shape[1:]), layer])
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(
        ops.convert_to_numpy(loaded(x)), ops.convert_to_numpy(model(x))
    )


def _check_mixed_precision(make_layer, x, y):
    for policy, tolerance in (
        ("mixed_float16", 2e-2),
        ("mixed_bfloat16", 1e-1),
        ("float16", 2e-2),
        ("bfloat16", 1e-1),
    ):
        layer = make_layer(dtype=policy)
        half = layer(x)
        assert (
            keras.backend.standardize_dtype(half.dtype) == policy.split("_")[-1]
        ), policy
        half = ops.convert_to_numpy(ops.cast(half, "float32"))
        np.testing.assert_allclose(half, y, atol=tolerance * np.abs(y).max())
