"""What the runs of a sweep start from: random weights, or a trained run.

The values of --starts:

    random              random weights
    runs/many           the best model of that run, of which all is trained
    runs/many:encoder   the same, but the encoder stays as it is
    runs/many:2         the same, but the first two blocks stay

All have the same network.
"""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from audio_diffstride.config import config_fields, inherited
from audio_diffstride.config.arms import ARMS
from audio_diffstride.errors import UserError

FLAG = "--starts"
COLUMN = "start"  # in tables and names of runs
RANDOM = "random"
_FROZEN, _RATIO = "fine_tuning.frozen", "fine_tuning.first_block_step_ratio"


@dataclasses.dataclass(frozen=True)
class Start:
    """What a run starts from.

    Attributes:
        run: folder of a trained run; "" is random weights.
        frozen: what keeps its weights, as the field `fine_tuning.frozen`.
    """

    run: str
    frozen: str

    @property
    def source(self) -> str:
        """The name of the folder, or `RANDOM`."""
        return pathlib.PurePath(self.run).name or RANDOM

    @property
    def label(self) -> str:
        """What tables call it.

        >>> Start("runs/many", "encoder").label
        'many:encoder'
        """
        return f"{self.source}:{self.frozen}" if self.frozen else self.source

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of a config that it sets."""
        fields: dict[str, Any] = {inherited.RUN: self.run, _FROZEN: self.frozen}
        return fields if self.run else fields | {_RATIO: 1.0}


def parse(texts: Sequence[str], others: Collection[str] = ()) -> list[Start]:
    """Reads the values of --starts.

    Args:
        texts: the values.
        others: the fields that other flags set.

    Raises:
        UserError: for one that is given twice, or freezes what is not known,
            and for a field that both set.

    >>> parse(["runs/a:encoder"])[0].fields
    {'fine_tuning.run': 'runs/a', 'fine_tuning.frozen': 'encoder'}
    """
    for text in texts:
        if texts.count(text) > 1:
            raise UserError(f"{FLAG} has {text} twice; give it once")
    for field in (inherited.RUN, _FROZEN):
        if texts and field in others:
            raise UserError(
                f"{field} is what {FLAG} sets; leave one of them out"
            )
    return [_parse_one(text) for text in texts]


def _parse_one(text: str) -> Start:
    if text == RANDOM:
        return Start("", "")
    run, _, frozen = text.partition(":")
    if not run or text.endswith(":"):
        raise UserError(
            f"{FLAG} has {text!r}, but must be {RANDOM}, RUN, RUN:encoder or "
            "RUN:N for its first N blocks"
        )
    config_fields.check({_FROZEN: frozen}, f"{FLAG} {text}", required=())
    return Start(run, frozen)


def check_arms(
    starts: Sequence[Start], arms: Sequence[str], config: Mapping[str, Any]
) -> None:
    """Checks that every arm is that of the trained runs.

    Args:
        starts: of a sweep.
        arms: names of `arms.ARMS`.
        config: {field: value}, with the network of the first trained run.

    Raises:
        UserError: for an arm with another network.
    """
    trained = next((start.run for start in starts if start.run), None)
    for arm in arms if trained else ():
        for name, value in ARMS[arm].fields.items():
            field = f"model.{name}"
            if field not in inherited.FREE and config[field] != value:
                raise UserError(
                    f"--arms: {arm} has {field} = {value!r}, but {trained} has "
                    f"{config[field]!r}; give the arm that it was trained with"
                )
