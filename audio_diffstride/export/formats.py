"""A frozen network as a file: SavedModel, ONNX, LiteRT, LiteRT in integers."""

from __future__ import annotations

import collections.abc
import json
import pathlib
import tempfile
import warnings

from audio_diffstride.export import metadata, steps
from audio_diffstride.runs import layout
from audio_diffstride.terminal import packages

# {format: name of the file or folder}.
FILES = {
    "saved_model": layout.SAVED_MODEL,
    "onnx": layout.ONNX,
    "litert": layout.LITERT,
    "litert_int8": layout.LITERT,
}

# Few weights, and what is lost there no later layer can restore.
_FLOAT_SHARE = 1 / 3
_FLOAT = "kept_in_float"


def write(
    kind: str,
    network: steps.Network,
    about: dict,
    path: pathlib.Path,
    examples: collections.abc.Callable[[], collections.abc.Iterable],
):
    """Writes a network.

    Args:
        kind: a key of `FILES`.
        network: to write.
        about: of `metadata.describe`.
        path: of the file, or of the folder for a SavedModel.
        examples: gives waveforms (samples,) like those it will hear; they set
            the ranges of the integers.
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


def _save(network: steps.Network, path, batch: int | None):
    """A SavedModel whose signature is the ONNX form's."""
    import tensorflow as tf

    module = tf.Module()
    kept = round(len(network.blocks) * _FLOAT_SHARE)

    def function(waveform):
        with tf.name_scope(_FLOAT):
            x = steps.apply(network.front_end, waveform)
            for block in network.blocks[:kept]:
                x = steps.apply(block, x)
        for block in network.blocks[kept:]:
            x = steps.apply(block, x)
        x = steps.apply(network.pooling, x)
        outputs = {}
        for task, head in network.heads.items():
            logits = head(x)
            outputs[task] = tf.nn.softmax(logits)
            outputs[f"{task}:logits"] = logits
        return outputs

    spec = tf.TensorSpec((batch, network.window_samples), name="waveform")
    module.classify = tf.function(function, input_signature=[spec])
    tf.saved_model.save(module, str(path), {"serving_default": module.classify})


def _converter(folder):
    import tensorflow as tf

    return tf.lite.TFLiteConverter.from_saved_model(str(folder))


def _convert(folder) -> bytes:
    with _quiet():
        return _converter(folder).convert()


def _quantise(folder, content: bytes, examples) -> bytes:
    """The convolutions of the later blocks, and the heads, in 8 bits.

    The front end stays in float, for squares span more than 8 bits hold;
    and the resampling, for runtimes have no fast integer form of it.
    """
    import tensorflow as tf

    packages.require("ai_edge_litert", "export")
    from ai_edge_litert.interpreter import Interpreter

    tensors = Interpreter(model_content=content).get_tensor_details()

    def inputs():
        for waveform in examples():
            yield {"waveform": waveform[None]}

    with _quiet():
        converter = _converter(folder)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = inputs
        lite = tf.lite.experimental
        options = lite.QuantizationDebugOptions(
            denylisted_ops=["BATCH_MATMUL", "SOFTMAX"],
            denylisted_nodes=[
                tensor["name"] for tensor in tensors if _FLOAT in tensor["name"]
            ],
        )
        debugger = lite.QuantizationDebugger(
            converter=converter, debug_dataset=inputs, debug_options=options
        )
        return debugger.get_nondebug_quantized_model()


def _quiet():
    """Without the notice that TensorFlow's own interpreter will go."""
    return warnings.catch_warnings(action="ignore")
