"""Exported files, each run in the runtime that it is for."""

from __future__ import annotations

import pathlib

import numpy as np

from audio_diffstride.errors import UserError
from audio_diffstride.export import metadata
from audio_diffstride.terminal import packages

SUFFIXES = (".onnx", ".tflite")


class ExportedModel:
    """A file written by `audio-diffstride export`, to be run.

    Args:
        path: of a .onnx or .tflite file, or the folder of a SavedModel.

    Attributes:
        about: its metadata.
        class_names: {task: class names}.
        sample_rate_hz: of its waveforms.
        window_samples: their length.

    Raises:
        UserError: if it is no such file, or its runtime is not installed.
    """

    def __init__(self, path):
        path = pathlib.Path(path)
        if not path.exists():
            raise UserError(f"there is no model {path}; give an exported one")
        if path.is_dir():
            opened = _open_saved_model
        elif path.suffix in SUFFIXES:
            opened = {".onnx": _open_onnx, ".tflite": _open_litert}[path.suffix]
        else:
            raise UserError(
                f"{path} is no exported model: its name must end in "
                f"{' or '.join(SUFFIXES)}"
            )
        self.about, self._outputs = opened(path)
        self.class_names = self.about["tasks"]
        self.sample_rate_hz = self.about["sample_rate_hz"]
        self.window_samples = self.about["window_samples"]

    def logits(self, waveforms: np.ndarray) -> dict[str, np.ndarray]:
        """The logits of windows.

        Args:
            waveforms: (windows, `window_samples`), floats in [-1, 1] or 16-bit
                integers.

        Returns:
            {task: (windows, classes)}.
        """
        if waveforms.dtype == np.int16:
            waveforms = waveforms / np.float32(32768)
        outputs = self._outputs(waveforms.astype(np.float32))
        return {task: outputs[f"{task}:logits"] for task in self.class_names}

    def predict(self, windows, verbose=0) -> dict[str, np.ndarray]:
        """The logits of all batches `(waveforms,)`, as Keras's `predict`."""
        batches = [
            self.logits(batch)
            for (batch,) in map(windows.__getitem__, range(len(windows)))
        ]
        return {
            task: np.concatenate([batch[task] for batch in batches])
            for task in self.class_names
        }


def _open_onnx(path):
    packages.require("onnxruntime", "export")
    import onnxruntime

    try:
        session = onnxruntime.InferenceSession(
            str(path), providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # onnxruntime's own kinds, one per cause
        raise _unreadable(path, error) from error
    properties = session.get_modelmeta().custom_metadata_map
    names = [output.name for output in session.get_outputs()]

    def outputs(waveforms):
        values = session.run(None, {"waveform": waveforms})
        return dict(zip(names, values))

    return metadata.parse(properties.get(metadata.KEY), path), outputs


def _open_litert(path):
    packages.require("ai_edge_litert", "export")
    from ai_edge_litert.interpreter import Interpreter

    about = metadata.read_litert(path)
    try:
        interpreter = Interpreter(model_path=str(path))
        runner = interpreter.get_signature_runner()
    except Exception as error:
        raise _unreadable(path, error) from error

    def outputs(waveforms):
        windows = [runner(waveform=one[None]) for one in waveforms]
        return {
            name: np.concatenate([window[name] for window in windows])
            for name in windows[0]
        }

    return about, outputs


def _open_saved_model(path):
    import tensorflow as tf

    about = metadata.read_saved_model(path)
    try:
        module = tf.saved_model.load(str(path))
        signature = module.signatures["serving_default"]
    except Exception as error:
        raise _unreadable(path, error) from error

    def outputs(waveforms):
        values = signature(waveform=tf.constant(waveforms))
        return {name: value.numpy() for name, value in values.items()}

    outputs.keep = module  # its variables live as long as it does
    return about, outputs


def _unreadable(path, error) -> UserError:
    reason = str(error).strip().splitlines() or [type(error).__name__]
    return UserError(
        f"{path} cannot be run ({reason[0][:160]}); export the model again"
    )
