"""Safe loading of models from files that somebody else may have made.

A .keras file is an archive that names the classes of a model. A foreign class
could run any code. So only the parts of a classifier of `models` are built
here, even where Keras itself would accept more.
"""

from __future__ import annotations

import io
import os
import pathlib
from collections.abc import Iterator
from typing import Any

import h5py
import keras

import audio_diffstride.models  # noqa: F401  registers the classes
import audio_diffstride.optimization.losses  # noqa: F401
import audio_diffstride.optimization.optimizers  # noqa: F401
import audio_diffstride.optimization.warm_up  # noqa: F401
from audio_diffstride.config import config_fields
from audio_diffstride.errors import UserError, shortened
from audio_diffstride.files import json_files, zip_members
from audio_diffstride.models import schema

_OURS = "audio_diffstride>"
_CLASSIFIERS = (f"{_OURS}AudioClassifier", f"{_OURS}ImageClassifier")
_JSON, _WEIGHTS = ("metadata.json", "config.json"), "model.weights.h5"
# Keras classes of a saved classifier: types, loss, metric and schedule.
_OF_KERAS = (
    ("keras", "DTypePolicy"),
    ("keras.losses", "SparseCategoricalCrossentropy"),
    ("keras.metrics", "CategoricalAccuracy"),
    ("keras.metrics", "SparseCategoricalAccuracy"),
    ("keras.optimizers", "LossScaleOptimizer"),
    ("keras.optimizers.schedules", "CosineDecay"),
    ("keras.optimizers.schedules", "PiecewiseConstantDecay"),
)
_PART = {"registered_name": str, "config": dict}
_SHAPE = {
    "config": {"tasks": {str: [str]}, "front_end": _PART, "encoder": _PART}
}
_REMEDY = "train the run again, or restore the file"


def load(path: str | os.PathLike[str]) -> Any:
    """Loads the classifier of a .keras file, without compiling it.

    Args:
        path: the file.

    Raises:
        UserError: if the file is damaged, holds another kind of model, or
            names a class that is no part of a classifier. That class is not
            run.
    """
    config = _read(path)["config.json"]
    if config.get("registered_name") not in _CLASSIFIERS:
        raise UserError(
            f"{path} holds {_name(config)}, not an AudioClassifier or "
            "ImageClassifier; give the model of a run of train.py"
        )
    _check_parts(path, config)
    for foreign in filter(_is_foreign, _objects(config)):
        raise UserError(
            f"{path} names {_name(foreign)}, which is no part of a "
            "classifier and might run any code, so the file is not loaded; "
            "give the model of a run of train.py"
        )
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # a bad file may raise any kind
        raise UserError(
            f"{path} does not make a model of this version "
            f"({_reason(error)}); {_REMEDY}"
        ) from error


def _check_parts(path: str | os.PathLike[str], config: dict) -> None:
    wrong = json_files.mismatch(config, _SHAPE)
    if wrong:
        raise UserError(f"{path} is damaged: its {wrong}; {_REMEDY}")
    number = schema.number_of(config["config"])
    if not isinstance(number, int) or not 0 <= number <= schema.SCHEMA:
        raise UserError(
            f"{path} is of the schema {shortened(number)}, and this version of "
            f"audio_diffstride reads up to {schema.SCHEMA}; install the "
            "version that trained it, or a later one"
        )
    several = config["config"].get("several_labels", [])
    if json_files.mismatch(several, [str]) or not {*several} <= {
        *config["config"]["tasks"]
    }:
        raise UserError(
            f"{path} is damaged: its several_labels are {shortened(several)}; "
            f"{_REMEDY}"
        )
    for task, classes in config["config"]["tasks"].items():
        if len({*classes}) < len(classes):
            raise UserError(
                f"{path} is damaged: two classes of {task} have one name; "
                f"{_REMEDY}"
            )
    of_images = config["registered_name"] == _CLASSIFIERS[1]
    for section, part in (
        ("image" if of_images else "front_end", "front_end"),
        ("model", "encoder"),
    ):
        fields = config["config"][part]["config"]
        named = {f"{section}.{name}": value for name, value in fields.items()}
        config_fields.check(named, path, required=())


def metadata(path: str | os.PathLike[str]) -> dict[str, str]:
    """Keras's entries on a file: "keras_version" and "date_saved"."""
    return _read(path)["metadata.json"]


def _read(path: str | os.PathLike[str]) -> dict[str, dict]:
    """The JSON members of an archive that is not damaged."""
    path = pathlib.Path(path)
    if not path.is_file():
        raise UserError(f"{path} is not a file; {_REMEDY}")
    try:
        members = zip_members.read(path, (*_JSON, _WEIGHTS))
        _check_weights(members[_WEIGHTS])
        return {name: _parse(name, members[name]) for name in _JSON}
    except ValueError as error:
        raise UserError(
            f"{path} is damaged: {_reason(error)}; {_REMEDY}"
        ) from error


def _parse(name: str, text: bytes) -> dict:
    try:
        content = json_files.parse(text)
    except ValueError as error:
        raise ValueError(f"its {name} is not JSON") from error
    if not isinstance(content, dict):
        raise ValueError(f"its {name} is not a JSON object")
    return content


def _check_weights(content: bytes) -> None:
    """Refuses weights that take other files, or much more memory than theirs.

    Raises:
        ValueError: for those, and for damage.
    """
    found: list[int] = []

    def visit(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            if item.external or item.is_virtual:
                raise ValueError(f"its {_WEIGHTS} names other files")
            found.append(item.size * item.dtype.itemsize)

    try:
        with h5py.File(io.BytesIO(content)) as file:
            file.visititems(visit)
    except ValueError:
        raise
    except Exception as error:  # h5py raises a dozen kinds
        raise ValueError(f"its {_WEIGHTS} cannot be read") from error
    if sum(found) > zip_members.most_bytes(len(content)):
        raise ValueError(f"its {_WEIGHTS} unpacks to {sum(found)} bytes")


def _objects(value: Any) -> Iterator[dict]:
    """Every entry of a config that names a class, at any depth."""
    stack = [value]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            if "class_name" in value and "config" in value:
                yield value
            stack += value.values()
        elif isinstance(value, list):
            stack += value


def _is_foreign(config: dict) -> bool:
    registered = config.get("registered_name")
    if isinstance(registered, str) and registered.startswith(_OURS):
        return keras.saving.get_registered_object(registered) is None
    return (config.get("module"), config["class_name"]) not in _OF_KERAS


def _name(config: dict) -> str:
    module, name = config.get("module"), config.get("class_name")
    return f"{module}.{name}"[:80] if name else "something else"


def _reason(error: Exception) -> str:
    """The last line of an exception; Keras puts the cause there."""
    if "objects could not be loaded" in str(error):
        return "its weights are not of the shapes that its config asks for"
    cause = str(error).rpartition("Exception encountered: ")[2]
    lines = cause.strip().splitlines() or [type(error).__name__]
    return lines[-1].strip().rstrip(".")[:160]
