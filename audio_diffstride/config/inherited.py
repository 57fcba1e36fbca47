"""What a run that starts from a trained run has of its config."""

from __future__ import annotations

import pathlib
from typing import Any

from audio_diffstride.config import config_fields
from audio_diffstride.errors import UserError
from audio_diffstride.files import json_files

RUN = "fine_tuning.run"
_CONFIG = "config.json"  # of a run
# Sections and fields that decide what a weight of the encoder means.
INHERITED = ("front_end", "image", "model", "window_s")


def fields(run: str) -> dict[str, Any]:
    """The fields that a new run has of `run`, unless it sets them.

    The input, the network and the length of the windows.

    Args:
        run: folder of a trained run.

    Returns:
        {field: value}, not checked yet.

    Raises:
        UserError: if there is no run, or its config is damaged.
    """
    path = pathlib.Path(run) / _CONFIG
    try:
        content = json_files.load(path, "give another --from")
    except FileNotFoundError as error:
        raise UserError(
            f"--from {run} is not the folder of a run: it has no {_CONFIG}; "
            "give the --workdir of a training"
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
