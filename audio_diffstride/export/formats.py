"""A frozen network as a SavedModel, an ONNX file or a LiteRT file."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from audio_diffstride.export import metadata, steps
from audio_diffstride.terminal import packages, quiet_start

# The share of blocks that litert_int8 keeps in float. The first blocks have few
# weights, and later layers cannot restore what they lose.
_FLOAT_SHARE = 1 / 3
_FLOAT_SCOPE = "kept_in_float"


def write(
    kind: str,
    network: steps.Network,
    about: dict,
    path: pathlib.Path,
    examples: Callable[[], Iterable[np.ndarray]],
) -> None:
    """Writes a network with its metadata.

    Args:
        kind: the format, a key of `output_files.MODELS`.
        network: the network.
        about: the metadata, from `metadata.describe`.
        path: of the file, or of the folder for a SavedModel.
        examples: returns typical waveforms, each (samples,). They set the
            ranges of 8-bit integers.
    """
    if kind == "onnx":
        packages.require("onnx", "export")
        from audio_diffstride.export import onnx_form

        model = onnx_form.graph(network, {metadata.KEY: json.dumps(about)})
        path.write_bytes(model.SerializeToString())
    elif kind == "saved_model":
        _save(network, path, batch=None)
        metadata.add_to_saved_model(path, about)
    else:
        with tempfile.TemporaryDirectory() as folder:
            _save(network, folder, batch=1)
            content = _convert(folder)
            if kind == "litert_int8":
                content = _quantise(folder, content, examples)
        path.write_bytes(content)
        metadata.append_to_litert(path, about)


def _save(
    network: steps.Network, path: str | os.PathLike[str], batch: int | None
) -> None:
    """Writes a SavedModel with the same inputs and outputs as the ONNX file."""
    import tensorflow as tf

    module = tf.Module()
    kept = round(len(network.blocks) * _FLOAT_SHARE)

    def classify(waveform: Any) -> dict[str, Any]:
        with tf.name_scope(_FLOAT_SCOPE):
            x = steps.apply(network.front_end, waveform)
            for block in network.blocks[:kept]:
                x = steps.apply(block, x)
        for block in network.blocks[kept:]:
            x = steps.apply(block, x)
        x = steps.apply(network.pooling, x)
        outputs = {}
        for task, head in network.heads.items():
            logits = head(x)
            outputs[task] = getattr(tf.nn, head.activation)(logits)
            outputs[f"{task}:logits"] = logits
        return outputs

    spec = tf.TensorSpec((batch, network.window_samples), name="waveform")
    module.classify = tf.function(classify, input_signature=[spec])
    tf.saved_model.save(module, str(path), {"serving_default": module.classify})


def _converter(folder: str) -> Any:
    import tensorflow as tf

    return tf.lite.TFLiteConverter.from_saved_model(folder)


def _convert(folder: str) -> bytes:
    with _quiet():
        return _converter(folder).convert()


def _quantise(
    folder: str, content: bytes, examples: Callable[[], Iterable[np.ndarray]]
) -> bytes:
    """Converts the convolutions of later blocks, and the heads, to 8 bits.

    The front end stays in float: the range of squares is too large for 8 bits.
    So does the resampling: runtimes have no fast integer form of it.
    """
    import tensorflow as tf

    packages.require("ai_edge_litert", "export")
    from ai_edge_litert.interpreter import Interpreter

    tensors = Interpreter(model_content=content).get_tensor_details()

    def inputs() -> Iterator[dict[str, np.ndarray]]:
        for waveform in examples():
            yield {"waveform": waveform[None]}

    with _quiet():
        converter = _converter(folder)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = inputs
        lite = tf.lite.experimental
        options = lite.QuantizationDebugOptions(
            denylisted_ops=["BATCH_MATMUL", "SOFTMAX", "LOGISTIC"],
            denylisted_nodes=[
                tensor["name"]
                for tensor in tensors
                if _FLOAT_SCOPE in tensor["name"]
            ],
        )
        debugger = lite.QuantizationDebugger(
            converter=converter, debug_dataset=inputs, debug_options=options
        )
        return debugger.get_nondebug_quantized_model()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Hides what TensorFlow says of its own interpreter."""
    with warnings.catch_warnings(action="ignore"), quiet_start.filtered():
        yield
