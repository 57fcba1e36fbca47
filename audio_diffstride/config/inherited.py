"""What a run that starts from a trained run has of its config."""

from __future__ import annotations

from typing import Any

import ml_collections

from audio_diffstride.config import config_fields
from audio_diffstride.errors import UserError
from audio_diffstride.files import json_files
from audio_diffstride.published import models

RUN = "fine_tuning.run"
_CONFIG = "config.json"  # of a run
# Sections and fields that decide what a weight of the encoder means.
INHERITED = ("front_end", "image", "model", "window_s")
# Of these, the fields that may be others: no weight means anything else.
FREE = ("model.complexity_weight", "model.batch_norm_momentum", "window_s")


def fields(run: str) -> dict[str, Any]:
    """The fields that a new run has of `run`, unless it sets them.

    The input, the network and the length of the windows.

    Args:
        run: folder of a trained run, or the name of a published model.

    Returns:
        {field: value}, not checked yet.

    Raises:
        UserError: if there is no run, or its config is damaged.
    """
    path = models.run_folder(run) / _CONFIG
    try:
        content = json_files.load(path, "give another --from")
    except FileNotFoundError as error:
        raise UserError(
            f"--from {run} is not the folder of a run: it has no {_CONFIG}; "
            "give the --workdir of a training, or {' or '.join(models.NAMES)}"
        ) from error
    if not isinstance(content, dict):
        raise UserError(
            f"{path} is damaged: it has no fields; give another --from"
        )
    values = config_fields.complete(config_fields.flatten(content))
    return {
        name: value
        for name, value in values.items()
        if name.split(".")[0] in INHERITED
    }


def check_same_network(config: ml_collections.ConfigDict) -> None:
    """Checks that a config has the input and the network of its start.

    Args:
        config: complete and checked. Without `fine_tuning.run` it has no
            start.

    Raises:
        UserError: if there is no such run, or it has another input or network.
    """
    run = config.fine_tuning.run
    if not run:
        return
    trained = config_fields.check(fields(run), f"--from {run}", required=())
    of_sound = "front_end" in config
    if of_sound != ("front_end.num_bands" in trained):
        raise UserError(
            f"--from {run} is a run on images, and this is for sound"
            if of_sound
            else f"--from {run} is a run on sound, and this is for images"
        )
    for name, value in config_fields.flatten(config.to_dict()).items():
        old = trained.get(name, value)
        if name not in FREE and old != value:
            raise UserError(
                f"--from {run} has {name} = {old!r}, and now it is {value!r}; "
                "leave that field out"
            )
