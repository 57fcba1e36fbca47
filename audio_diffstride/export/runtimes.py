"""Exported files, each in its own runtime."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Callable

import numpy as np

from audio_diffstride.datasets import kinds
from audio_diffstride.errors import UserError
from audio_diffstride.export import metadata
from audio_diffstride.export.web import packing
from audio_diffstride.terminal import packages, quiet_start

SUFFIXES = (".onnx", ".tflite", ".html")

# From waveforms (windows, samples) to {name of the output: values}.
_Function = Callable[[np.ndarray], dict[str, np.ndarray]]
EMBEDDING = "embedding"  # as `models.embedder.EMBEDDING`, without Keras


class ExportedModel:
    """A model that `audio-diffstride export` wrote.

    Args:
        path: of a .onnx or .tflite file, of a page that listens, or the
            folder of a SavedModel.

    Attributes:
        about: the metadata.
        class_names: {task: class names}.
        kinds: {task: its kind}.
        sample_rate_hz: sample rate of its input.
        window_samples: length of its input.

    Raises:
        UserError: if the file was not exported, or its runtime is not
            installed.
    """

    def __init__(self, path: str | os.PathLike[str]):
        self._path = path = pathlib.Path(path)
        if not path.exists():
            raise UserError(f"there is no model {path}; give an exported one")
        if path.is_dir():
            self.about, self._function = _open_saved_model(path)
        elif path.suffix == ".onnx":
            self.about, self._function = _open_onnx(path, str(path))
        elif path.suffix == ".tflite":
            self.about, self._function = _open_litert(path)
        elif path.suffix == ".html":
            content = packing.find(path, packing.NETWORK)
            self.about, self._function = _open_onnx(path, content)
        else:
            raise UserError(
                f"{path} is no exported model: its name must end in "
                f"{', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}"
            )
        self.class_names = self.about["tasks"]
        self.kinds = kinds.from_json(
            self.class_names, self.about.get("kinds", {})
        )
        self.sample_rate_hz = self.about["sample_rate_hz"]
        self.window_samples = self.about["window_samples"]

    def logits(self, waveforms: np.ndarray) -> dict[str, np.ndarray]:
        """Computes the logits of windows.

        Args:
            waveforms: (windows, `window_samples`), floats in [-1, 1] or 16-bit
                integers.

        Returns:
            {task: (windows, classes)}.
        """
        outputs = self._run(waveforms)
        return {task: outputs[f"{task}:logits"] for task in self.class_names}

    def embeddings(self, waveforms: np.ndarray) -> dict[str, np.ndarray]:
        """Computes what the heads see of windows; see `logits`.

        Returns:
            {"embedding": (windows, channels)}, as an `Embedder` gives it.

        Raises:
            UserError: if the file was exported without it.
        """
        outputs = self._run(waveforms)
        if EMBEDDING not in outputs or EMBEDDING in self.class_names:
            raise UserError(
                f"{self._path} has no output {EMBEDDING!r}; export the model "
                "again by --format onnx --embedding"
            )
        return {EMBEDDING: outputs[EMBEDDING]}

    def _run(self, waveforms: np.ndarray) -> dict[str, np.ndarray]:
        if waveforms.dtype == np.int16:
            waveforms = waveforms / np.float32(32768)
        return self._function(waveforms.astype(np.float32))


def _open_onnx(
    path: pathlib.Path, content: str | bytes
) -> tuple[dict, _Function]:
    packages.require("onnxruntime", "export")
    import onnxruntime

    try:
        session = onnxruntime.InferenceSession(
            content, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # onnxruntime has a kind for each cause
        raise _unreadable(path, error) from error
    properties = session.get_modelmeta().custom_metadata_map
    names = [output.name for output in session.get_outputs()]

    def function(waveforms: np.ndarray) -> dict[str, np.ndarray]:
        values = session.run(None, {"waveform": waveforms})
        return dict(zip(names, values))

    return metadata.parse(properties.get(metadata.KEY), path), function


def _open_litert(path: pathlib.Path) -> tuple[dict, _Function]:
    packages.require("ai_edge_litert", "export")
    from ai_edge_litert.interpreter import Interpreter

    about = metadata.read_litert(path)
    try:
        with quiet_start.filtered():
            interpreter = Interpreter(model_path=str(path))
            interpreter.allocate_tensors()
        runner = interpreter.get_signature_runner()
    except Exception as error:
        raise _unreadable(path, error) from error

    def function(waveforms: np.ndarray) -> dict[str, np.ndarray]:
        windows = [runner(waveform=waveform[None]) for waveform in waveforms]
        return {
            name: np.concatenate([window[name] for window in windows])
            for name in windows[0]
        }

    return about, function


def _open_saved_model(path: pathlib.Path) -> tuple[dict, _Function]:
    import tensorflow as tf

    about = metadata.read_saved_model(path)
    try:
        module = tf.saved_model.load(str(path))
        _ = module.signatures["serving_default"]
    except Exception as error:
        raise _unreadable(path, error) from error

    def function(waveforms: np.ndarray) -> dict[str, np.ndarray]:
        # Through the module: without it, its variables would be deleted.
        classify = module.signatures["serving_default"]
        values = classify(waveform=tf.constant(waveforms))
        return {name: value.numpy() for name, value in values.items()}

    return about, function


def _unreadable(path: pathlib.Path, error: Exception) -> UserError:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return UserError(
        f"{path} cannot be run ({lines[0][:160]}); export the model again"
    )
