"""Arms made as wide as one of them costs.

At equal width an arm that keeps more of an axis computes more in the blocks
after it, and may win by that alone. Here every arm gets the factor on its
channels at which it takes as many multiply-adds as one arm does as configured,
at the strides that training starts from: what strides that are learned cost in
the end is in the sweep's tables.
"""

from __future__ import annotations

import dataclasses
import math

from audio_diffstride.config import config_fields
from audio_diffstride.config.arms import ARMS
from audio_diffstride.errors import UserError
from audio_diffstride.runs import loading
from audio_diffstride.sweep.plan import PlannedRun

_WIDTH = "model.width"
_GUESSES = 5
_TOLERANCE = 0.05


def match(
    config: dict[str, object], planned: list[PlannedRun], arm: str
) -> list[PlannedRun]:
    """The runs, each with the width at which it costs what `arm` does.

    Args:
        config: {field: value} that all runs have in common.
        planned: runs of any arms.
        arm: whose cost at the configured width is that of all.

    Raises:
        UserError: if an arm cannot cost that much, or that little.
    """
    targets, widths, matched = {}, {}, []
    for run in planned:
        network = _network(config | run.fields)
        if run.arm == arm:
            widths[network] = config[_WIDTH]
        elif network not in widths:
            twin = _as_arm(config, run, arm)
            target = _network(twin)
            if target not in targets:
                targets[target] = multiply_adds(twin)
            widths[network] = _width(config, run, targets[target], arm)
        fields = run.fields | {_WIDTH: widths[network]}
        matched.append(dataclasses.replace(run, fields=fields))
    return matched


def _network(fields: dict[str, object]) -> str:
    """What decides a run's cost: not its data, nor how it is trained."""
    of_run = ("data", "training", "seed")
    return repr({f: fields[f] for f in fields if f.split(".")[0] not in of_run})


def _as_arm(config, run: PlannedRun, arm: str) -> dict[str, object]:
    """The config of a run, were it of another arm."""
    setting = {
        field: value
        for field, value in run.fields.items()
        if field.removeprefix("model.") not in ARMS[run.arm].fields
    }
    of_arm = {f"model.{k}": v for k, v in ARMS[arm].fields.items()}
    return config | setting | of_arm


def _width(config, run: PlannedRun, target: int, arm: str) -> float:
    own = config | run.fields
    width = config[_WIDTH]
    nearest = (math.inf, width)
    for _ in range(_GUESSES):
        cost = multiply_adds(own | {_WIDTH: width})
        nearest = min(nearest, (abs(cost / target - 1), width))
        # Convolutions cost the square of the width; it is whole channels.
        width = float(f"{width * math.sqrt(target / cost):.4g}")
    error, width = nearest
    if error > _TOLERANCE:
        raise UserError(
            f"--match_cost: at no width does the arm {run.arm!r} take the "
            f"{target:,} multiply-adds of {arm!r}, to {_TOLERANCE:.0%}; the "
            f"nearest is {width:g}; give a larger model.width, or fewer arms"
        )
    return width


def multiply_adds(fields: dict[str, object]) -> int:
    """Of the encoder of a config, for one window or image, as it starts.

    Args:
        fields: {field: value} of a whole config.
    """
    # Seconds of TensorFlow, for sweeps that ask for it.
    from audio_diffstride import training

    config = config_fields.nest(fields)
    model = training.build_model(config, {"task": ["a", "b"]})
    size = model.front_end.output_size(loading.evaluation_input(config))
    return sum(row["total"] for row in model.encoder.multiply_adds(size))
