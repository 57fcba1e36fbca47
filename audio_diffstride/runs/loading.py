"""A run's work directory: the config it had and the models it saved."""

from __future__ import annotations

import pathlib

import ml_collections

from audio_diffstride.config import config_fields
from audio_diffstride.errors import UserError
from audio_diffstride.files import json_files


def load_config(workdir, required=None) -> ml_collections.ConfigDict:
    """The resolved config that a run was trained with.

    Args:
        workdir: the run's work directory.
        required: fields and sections that it must have, for a run of another
            version may lack others, see `config_fields.check`; None: all, and
            no others.

    Raises:
        UserError: if there is none, or a field is not what it may be.
    """
    path = pathlib.Path(workdir) / "config.json"
    remedy = "train the run again, or restore the file"
    try:
        content = json_files.load(path, remedy)
    except FileNotFoundError as error:
        raise UserError(
            f"{workdir} is not the work directory of a run: it has no "
            "config.json; give the --workdir of a train.py that has finished"
        ) from error
    if not isinstance(content, dict):
        raise UserError(f"{path} is damaged: it has no fields; {remedy}")
    values = config_fields.flatten(content)
    return config_fields.nest(config_fields.check(values, path, required))


def window_samples(config) -> int:
    """The length of a run's windows, in samples of its front end."""
    return round(config.window_s * config.front_end.sample_rate_hz)


def shown(config) -> int | str:
    """What a run's model is shown of an example, for evaluation.

    Of sound it is the samples of a window, of images the name of their crop.
    """
    return config.image.crop if "image" in config else window_samples(config)


def how_shown(config) -> dict:
    """The same, as an evaluation is to tell it."""
    if "image" in config:
        return {"image_size": list(config.image.size), "crop": shown(config)}
    return {
        "window_s": config.window_s,
        "last_window": "padded with zeros, weighs the share it holds",
    }


def load_model(workdir, which: str = "best"):
    """The best or the last model of a run.

    Args:
        workdir: the run's work directory.
        which: "best" or "last".

    Returns:
        A `Classifier`, as it was saved.

    Raises:
        UserError: if there is none, or it cannot be loaded.
    """
    from audio_diffstride.runs import model_files  # seconds of TensorFlow

    path = pathlib.Path(workdir) / f"{which}.keras"
    if not path.exists():
        raise UserError(
            f"{workdir} has no {which}.keras: train a model there first"
        )
    return model_files.load(path)
