"""What an exported file says of itself, so that it is enough alone.

A JSON object: as a metadata property of an ONNX file, as a zip archive behind
the model in a LiteRT file (both are read in one piece, neither by the other's
reader), and among the extra assets of a SavedModel.
"""

from __future__ import annotations

import json
import pathlib
import zipfile

from audio_diffstride import __version__
from audio_diffstride.errors import UserError
from audio_diffstride.files import json_files

SCHEMA = 1
KEY = "audio_diffstride"  # of ONNX's properties
MEMBER = "metadata.json"  # of the zip archive, and of assets.extra
_REMEDY = "export the model again"
_SHAPE = {
    "schema": int,
    "format": str,
    "tasks": {str: [str]},
    "sample_rate_hz": int,
    "window_samples": int,
    "band_hz": [json_files.NUMBER],
}


def describe(model, window_samples: int, kind: str) -> dict:
    """What the file of an `AudioClassifier` in a format is to say."""
    return {
        "schema": SCHEMA,
        "audio_diffstride": __version__,
        "format": kind,
        "tasks": model.class_names,
        "sample_rate_hz": model.front_end.sample_rate_hz,
        "window_samples": window_samples,
        "band_hz": list(model.front_end.band_hz),
    }


def append_to_litert(path, content: dict):
    """Puts the metadata behind the model of a LiteRT file."""
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(MEMBER, json.dumps(content))


def add_to_saved_model(folder, content: dict):
    """Puts the metadata among the extra assets of a SavedModel."""
    assets = pathlib.Path(folder) / "assets.extra"
    assets.mkdir()
    (assets / MEMBER).write_text(json.dumps(content), encoding="utf-8")


def read_litert(path) -> dict:
    """The metadata of a LiteRT file."""
    try:
        with zipfile.ZipFile(path) as archive:
            text = archive.read(MEMBER)
    except (zipfile.BadZipFile, KeyError) as error:
        raise _without(path) from error
    return parse(text, path)


def read_saved_model(folder) -> dict:
    """The metadata of a SavedModel."""
    try:
        path = pathlib.Path(folder) / "assets.extra" / MEMBER
        return parse(path.read_bytes(), folder)
    except FileNotFoundError as error:
        raise _without(folder) from error


def parse(text, path) -> dict:
    """The metadata from its text.

    Args:
        text: JSON; None if the file has none.
        path: of the file, for messages.

    Raises:
        UserError: if it is none, or of a later schema.
    """
    if text is None:
        raise _without(path)
    try:
        content = json.loads(text)
    except ValueError as error:
        raise UserError(
            f"{path} is damaged: its metadata is not JSON; {_REMEDY}"
        ) from error
    wrong = json_files.mismatch(content, _SHAPE)
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
    return content


def _without(path) -> UserError:
    return UserError(
        f"{path} does not say what it was trained on; give a file that "
        "audio-diffstride export wrote"
    )
