"""Training from Python."""

from __future__ import annotations

import os
import pathlib
import shutil
import tempfile
import weakref
from collections.abc import Mapping
from typing import Any

from audio_diffstride.config import config_files
from audio_diffstride.interface.run import Run
from audio_diffstride.training import command


def train(
    data: str | os.PathLike[str],
    workdir: str | os.PathLike[str] | None = None,
    config: str = "recordings:small",
    fields: Mapping[str, Any] | None = None,
    overwrite: bool = False,
) -> Run:
    """Trains a classifier on own recordings, as `audio-diffstride train` does.

    An interrupt (Ctrl-C, or the notebook's stop button) ends the training after
    the current step. The run then has the models so far. With a `workdir` the
    same call resumes it.

    Args:
        data: a folder with a sub-folder per class, or a CSV.
        workdir: the folder of the run. None keeps the run and its decoded
            recordings in a temporary folder, which lasts as long as the
            returned object.
        config: the recipe: a name, or a file of `configs/`, as for `--config`.
        fields: {field: value} in place of the recipe's values, such as
            {"training.num_steps": 300}.
        overwrite: remove the run in `workdir` and start over.

    Returns:
        The run, with its best model.

    Raises:
        UserError: for recordings, fields or a folder that cannot be used.
    """
    given = {
        "data.source": "audio_files",
        **(fields or {}),
        "data.path": os.fspath(data),
    }
    if workdir is not None:
        resolved = config_files.with_values(config, given, "the fields")
        command.start(resolved, workdir, overwrite)
        return Run(workdir)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="audio_diffstride-"))
    try:
        given = {"data.store_dir": str(folder / "stores"), **given}
        resolved = config_files.with_values(config, given, "the fields")
        command.start(resolved, folder / "run")
        run = Run(folder / "run")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    weakref.finalize(run, shutil.rmtree, folder, ignore_errors=True)
    return run
