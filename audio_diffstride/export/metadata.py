"""The metadata inside an exported file: tasks, sample rate, window length.

It is a JSON object. Of a calibrated model, "calibration" is its
calibration.json.

It lies:

- in an ONNX file a metadata property;
- in a LiteRT file a zip archive after the model. LiteRT ignores the archive,
  and zip readers ignore the model. It also holds the size and the digest of the
  model, because the runtime crashes on damaged ones;
- in a SavedModel one of the extra assets.

A class whose name begins with `_` is never to be reported as a detection.

Its schema is 1. A model with a task of several labels has the schema 2, and
"kinds", {task: "several_labels"}. Outputs of such a task are sigmoids.
"""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
import zipfile
from typing import Any

from audio_diffstride import __version__
from audio_diffstride.calibration import calibration_file
from audio_diffstride.calibration.calibration_file import Calibration
from audio_diffstride.datasets import kinds
from audio_diffstride.errors import UserError, shortened
from audio_diffstride.files import json_files, zip_members

SCHEMA = 2
KEY = "audio_diffstride"  # the name of the ONNX property
MEMBER = "metadata.json"  # in the zip archive and in assets.extra
CALIBRATION = "calibration"  # the entry of a calibrated model
MODEL = "model"  # the entry of a LiteRT file
_REMEDY = "export the model again"
_Path = str | os.PathLike[str]
_SHAPE = {
    "schema": int,
    "format": str,
    "tasks": {str: [str]},
    "sample_rate_hz": json_files.POSITIVE,
    "window_samples": json_files.POSITIVE,
    "band_hz": [json_files.NUMBER],
}
_SHAPE_OF_MODEL = {"bytes": json_files.POSITIVE, "sha256": str}


def describe(
    model: Any,
    window_samples: int,
    kind: str,
    calibration: Calibration | None = None,
) -> dict:
    """The metadata of an `AudioClassifier` exported in the format `kind`."""
    several = kinds.to_json(model.kinds)
    about = {
        "schema": SCHEMA if several else 1,
        "audio_diffstride": __version__,
        "format": kind,
        "tasks": model.class_names,
        **({"kinds": several} if several else {}),
        "sample_rate_hz": model.front_end.sample_rate_hz,
        "window_samples": window_samples,
        "band_hz": list(model.front_end.band_hz),
    }
    return about | ({CALIBRATION: calibration.content} if calibration else {})


def read_calibration(about: dict, path: _Path) -> Calibration:
    """The calibration in the metadata of a file.

    Raises:
        UserError: if there is none.
    """
    if CALIBRATION not in about:
        raise UserError(
            f"{path} is not calibrated; run audio-diffstride calibrate on its "
            "run, then export it again"
        )
    return calibration_file.parse(about[CALIBRATION], path, _REMEDY)


def append_to_litert(path: _Path, content: dict) -> None:
    """Appends the metadata to a LiteRT file, with the digest of its model."""
    model = pathlib.Path(path).read_bytes()
    content = content | {MODEL: _digest(model)}
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(MEMBER, json.dumps(content))


def add_to_saved_model(folder: _Path, content: dict) -> None:
    """Adds the metadata to the extra assets of a SavedModel."""
    assets = pathlib.Path(folder) / "assets.extra"
    assets.mkdir()
    (assets / MEMBER).write_text(
        json.dumps(content), encoding="utf-8", newline="\n"
    )


def read_litert(path: _Path) -> dict:
    """Reads the metadata of a LiteRT file, and checks the model before it.

    Files of earlier versions have no digest. Their models are not checked.

    Raises:
        UserError: if the metadata is missing or damaged, or the model is.
    """
    try:
        text = zip_members.read(path, [MEMBER])[MEMBER]
    except ValueError as error:
        raise _without(path) from error
    content = parse(text, path)
    if MODEL in content:
        written = content.pop(MODEL)
        wrong = json_files.mismatch(written, _SHAPE_OF_MODEL)
        file = pathlib.Path(path).read_bytes()
        if wrong or written != _digest(file[: written["bytes"]]):
            raise UserError(
                f"{path} is damaged: its model is not what was written; "
                f"{_REMEDY}"
            )
    return content


def read_saved_model(folder: _Path) -> dict:
    """Reads the metadata of a SavedModel."""
    try:
        path = pathlib.Path(folder) / "assets.extra" / MEMBER
        return parse(path.read_bytes(), folder)
    except FileNotFoundError as error:
        raise _without(folder) from error


def parse(text: str | bytes | None, path: _Path) -> dict:
    """Parses and checks the metadata of a file.

    Args:
        text: JSON; None if the file has no metadata.
        path: of the file, for messages.

    Raises:
        UserError: if it is missing, damaged, or of a later schema.
    """
    if text is None:
        raise _without(path)
    try:
        content = json_files.parse(text)
    except ValueError as error:
        raise UserError(
            f"{path} is damaged: its metadata is not JSON; {_REMEDY}"
        ) from error
    wrong = json_files.mismatch(content, _SHAPE)
    if not wrong and len(content["band_hz"]) != 2:
        wrong = f"band_hz is {shortened(content['band_hz'])}"
    if wrong:
        raise UserError(
            f"{path} is damaged: of its metadata, {wrong}; {_REMEDY}"
        )
    if content["schema"] > SCHEMA:
        raise UserError(
            f"{path} was exported by a later version of audio_diffstride "
            f"(its schema is {content['schema']}, this version's {SCHEMA}); "
            "install that version"
        )
    of_tasks = content.get("kinds", {})
    if json_files.mismatch(of_tasks, {str: str}) or not (
        {*of_tasks} <= {*content["tasks"]}
        and {*of_tasks.values()} <= {*kinds.KINDS}
    ):
        raise UserError(
            f"{path} is damaged: of its metadata, kinds is "
            f"{shortened(of_tasks)}; {_REMEDY}"
        )
    return content


def _digest(model: bytes) -> dict:
    return {"bytes": len(model), "sha256": hashlib.sha256(model).hexdigest()}


def _without(path: _Path) -> UserError:
    return UserError(
        f"{path} has no metadata of audio_diffstride; give a file that "
        "audio-diffstride export wrote"
    )
