"""Widths at which every arm costs as much as one of them.

At equal width an arm that keeps larger maps computes more in later blocks. It
may win by that alone. Here the factor on an arm's channels,
`model.width`, is chosen for equal multiply-adds. They are counted at the
initial strides. The cost of the learned strides is in the tables of the sweep.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from audio_diffstride.config import config_fields
from audio_diffstride.config.arms import ARMS
from audio_diffstride.errors import UserError
from audio_diffstride.runs import loading
from audio_diffstride.sweep.plan import PlannedRun

_WIDTH = "model.width"
_NUM_GUESSES = 5
_TOLERANCE = 0.05  # largest relative difference in cost


def match(
    config: dict[str, Any], planned: list[PlannedRun], arm: str
) -> list[PlannedRun]:
    """The runs, each with the width at which it costs what `arm` does.

    Args:
        config: {field: value} that all runs have in common.
        planned: runs of any arms.
        arm: the reference. It keeps the configured width.

    Raises:
        UserError: if an arm cannot cost that much, or that little.
    """
    targets: dict[str, int] = {}  # {network of the reference: multiply-adds}
    widths: dict[str, float] = {}  # {network: width}
    matched = []
    for run in planned:
        network = network_key(config | run.fields)
        if run.arm == arm:
            widths[network] = config[_WIDTH]
        elif network not in widths:
            reference = _with_arm(config, run, arm)
            target = network_key(reference)
            if target not in targets:
                targets[target] = multiply_adds(reference)
            widths[network] = _find_width(config, run, targets[target], arm)
        fields = run.fields | {_WIDTH: widths[network]}
        matched.append(dataclasses.replace(run, fields=fields))
    return matched


def network_key(fields: dict[str, Any]) -> str:
    """What the cost of a run depends on: not its data, training or seed.

    Args:
        fields: {field: value} of a whole config.
    """
    others = ("data", "training", "seed")
    return repr({f: fields[f] for f in fields if f.split(".")[0] not in others})


def _with_arm(
    config: dict[str, Any], run: PlannedRun, arm: str
) -> dict[str, Any]:
    """The whole config of a run, with its arm replaced."""
    setting = {
        field: value
        for field, value in run.fields.items()
        if field.removeprefix("model.") not in ARMS[run.arm].fields
    }
    of_arm = {f"model.{k}": v for k, v in ARMS[arm].fields.items()}
    return config | setting | of_arm


def _find_width(
    config: dict[str, Any], run: PlannedRun, target: int, arm: str
) -> float:
    fields = config | run.fields
    width = config[_WIDTH]
    nearest = (math.inf, width)
    for _ in range(_NUM_GUESSES):
        cost = multiply_adds(fields | {_WIDTH: width})
        nearest = min(nearest, (abs(cost / target - 1), width))
        # The cost of convolutions grows with the square of the width. Whole
        # channels make it a little uneven.
        width = float(f"{width * math.sqrt(target / cost):.4g}")
    error, width = nearest
    if error > _TOLERANCE:
        raise UserError(
            f"--match_cost: at no width does the arm {run.arm!r} take the "
            f"{target:,} multiply-adds of {arm!r}, to {_TOLERANCE:.0%}; the "
            f"nearest is {width:g}; give a larger model.width, or fewer arms"
        )
    return width


def multiply_adds(fields: dict[str, Any]) -> int:
    """The multiply-adds of an untrained encoder, for one window or image.

    Args:
        fields: {field: value} of a whole config.
    """
    # Importing TensorFlow takes seconds.
    import keras

    from audio_diffstride.training.model import build_model

    config = config_fields.nest(fields)
    # Weights that are only counted get no values, which takes longer.
    with keras.StatelessScope(initialize_variables=False):
        model = build_model(config, {"task": ["a", "b"]})
        size = model.front_end.output_size(loading.evaluation_input(config))
        return sum(row["total"] for row in model.encoder.multiply_adds(size))
