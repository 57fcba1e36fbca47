"""Reading a run: its config and its models."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Collection
from typing import Any

import ml_collections

from audio_diffstride.config import config_fields
from audio_diffstride.errors import UserError
from audio_diffstride.files import json_files
from audio_diffstride.runs import layout


def load_config(
    workdir: str | os.PathLike[str], required: Collection[str] | None = None
) -> ml_collections.ConfigDict:
    """Reads the resolved config of a run.

    Args:
        workdir: the run's work directory.
        required: fields and sections that the config must have; a run of
            another version may lack others, see `config_fields.check`. None:
            all fields of this version, and no others.

    Raises:
        UserError: if there is no config, or a field has a wrong value.
    """
    path = pathlib.Path(workdir) / layout.CONFIG
    remedy = "train the run again, or restore the file"
    try:
        content = json_files.load(path, remedy)
    except FileNotFoundError as error:
        raise UserError(
            f"{workdir} is not the work directory of a run: it has no "
            f"{layout.CONFIG}; give the --workdir of a train.py that has "
            "finished"
        ) from error
    if not isinstance(content, dict):
        raise UserError(f"{path} is damaged: it has no fields; {remedy}")
    values = config_fields.flatten(content)
    return config_fields.nest(config_fields.check(values, path, required))


def window_samples(config: ml_collections.ConfigDict) -> int:
    """The length of a run's windows, in samples at its sample rate."""
    return round(config.window_s * config.front_end.sample_rate_hz)


def evaluation_input(config: ml_collections.ConfigDict) -> int | str:
    """What evaluation feeds to the model of a run.

    Returns:
        For sound the length of a window in samples. For images the name of
        their crop.
    """
    return config.image.crop if "image" in config else window_samples(config)


def evaluation_windows(config: ml_collections.ConfigDict) -> dict[str, Any]:
    """How evaluation cuts recordings and pools their windows.

    Returns:
        Arguments of `evaluation.inference`; none for images.
    """
    if "image" in config:
        return {}
    evaluation = config.evaluation
    hop_samples = round(evaluation.hop_s * config.front_end.sample_rate_hz)
    return {"hop_samples": hop_samples, "pooling": evaluation.pooling}


def describe_evaluation_input(
    config: ml_collections.ConfigDict,
) -> dict[str, Any]:
    """The entries of an evaluation's report on its input."""
    if "image" in config:
        crop = evaluation_input(config)
        return {"image_size": list(config.image.size), "crop": crop}
    return {
        "window_s": config.window_s,
        "hop_s": config.evaluation.hop_s or config.window_s,
        "pooling": config.evaluation.pooling,
        "last_window": "padded with zeros, weighs the share it holds",
    }


def load_model(workdir: str | os.PathLike[str], which: str = "best") -> Any:
    """Loads the best or the last model of a run.

    Args:
        workdir: the run's work directory.
        which: "best" or "last".

    Returns:
        The saved `Classifier`.

    Raises:
        UserError: if there is no such model, or it cannot be loaded.
    """
    from audio_diffstride.runs import model_files  # seconds of TensorFlow

    path = pathlib.Path(workdir) / layout.MODEL.format(which=which)
    if not path.exists():
        raise UserError(
            f"{workdir} has no {path.name}: train a model there first"
        )
    return model_files.load(path)
