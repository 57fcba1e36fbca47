"""The history of a run's strides, and of its folding: strides.csv."""

from __future__ import annotations

import math
import os
import pathlib
import re

from audio_diffstride.errors import UserError, shortened
from audio_diffstride.files import csv_files
from audio_diffstride.runs import layout

# Ends the names of the columns of folding, which not every run has.
FOLDING = "_folding"

_NAME = rf"step|[a-z]{{1,20}}[1-9]\d{{0,3}}_[a-z]{{1,20}}({FOLDING})?"
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
    return {
        name: values
        for name, values in _read(workdir).items()
        if not name.endswith(FOLDING)
    }


def read_folding(workdir: str | os.PathLike[str]) -> dict[str, list[float]]:
    """Reads the folding of a run after every epoch.

    Args:
        workdir: the run's work directory.

    Returns:
        "step", and a column such as "block1_time" for each layer and axis.
        Empty for a run that does not fold.

    Raises:
        FileNotFoundError: if there is no such file.
        UserError: if the file is damaged.
    """
    columns = _read(workdir)
    found = {
        name.removesuffix(FOLDING): values
        for name, values in columns.items()
        if name.endswith(FOLDING)
    }
    return {"step": columns["step"], **found} if found else {}


def _read(workdir: str | os.PathLike[str]) -> dict[str, list[float]]:
    path = pathlib.Path(workdir) / layout.STRIDES
    columns = csv_files.read_numbers(path, ["step"], _REMEDY)
    if len(columns) == 1:
        raise UserError(
            f"{path} is damaged: it has no column like block1_time; {_REMEDY}"
        )
    for name in columns:
        if not re.fullmatch(_NAME, name):
            raise UserError(
                f"{path} is damaged: it has a column {shortened(name)}; "
                f"{_REMEDY}"
            )
        low, high, what = 1 - 1e-6, math.inf, "strides of 1 or more"
        if name == "step":
            low = 0
        elif name.endswith(FOLDING):
            low, high, what = 0, 1 + 1e-6, "shares from 0 to 1"
        if not all(low <= value < high for value in columns[name]):
            raise UserError(
                f"{path} is damaged: its column {name} does not hold {what}; "
                f"{_REMEDY}"
            )
    return columns
