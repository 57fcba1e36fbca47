"""The history of a run's strides: strides.csv."""

from __future__ import annotations

import math
import os
import pathlib
import re

from audio_diffstride.errors import UserError, shortened
from audio_diffstride.files import csv_files
from audio_diffstride.runs import layout

_REMEDY = "train the run again, or restore the file"


def read(workdir: str | os.PathLike[str]) -> dict[str, list[float]]:
    """Reads the strides of a run after every epoch.

    Args:
        workdir: the run's work directory.

    Returns:
        The columns: "step", and a column such as "block1_time" for each
        stride. Its name is a block of the network and an axis.

    Raises:
        FileNotFoundError: if there is no such file.
        UserError: if the file is damaged.
    """
    path = pathlib.Path(workdir) / layout.STRIDES
    columns = csv_files.read_numbers(path, ["step"], _REMEDY)
    if len(columns) == 1:
        raise UserError(
            f"{path} is damaged: it has no column like block1_time; {_REMEDY}"
        )
    for name in columns:
        if not re.fullmatch(r"step|[a-z]{1,20}[1-9]\d{0,3}_[a-z]{1,20}", name):
            raise UserError(
                f"{path} is damaged: it has a column {shortened(name)}; "
                f"{_REMEDY}"
            )
        low = 0 if name == "step" else 1 - 1e-6
        if not all(low <= value < math.inf for value in columns[name]):
            raise UserError(
                f"{path} is damaged: its column {name} does not hold strides "
                f"of 1 or more; {_REMEDY}"
            )
    return columns
