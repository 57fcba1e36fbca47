"""What the model of a run costs: J and multiply-adds, kept in cost.json."""

from __future__ import annotations

import os
import pathlib
from typing import Any

from audio_diffstride.files import atomic, json_files
from audio_diffstride.files.json_files import NUMBER
from audio_diffstride.runs import layout

_SHAPE = {"complexity": NUMBER, "multiply_adds": int, "strides": {str: NUMBER}}


def read_or_measure(workdir: str | os.PathLike[str]) -> dict[str, Any]:
    """The cost of best.keras, the model that is evaluated.

    It is measured once. Later calls read cost.json.

    Args:
        workdir: of a finished run.

    Returns:
        complexity: J of Eq. 6 at the strides of the model
        multiply_adds: for one window or image, heads included
        strides: {place_axis: stride}
        folding: {place_axis: folding}; empty or missing if nothing folds
    """
    path = pathlib.Path(workdir) / layout.COST
    try:
        return json_files.read(path, _SHAPE, "delete it")
    except FileNotFoundError:
        cost = _measure(workdir)
        atomic.write_json(path, cost)
        return cost


def _measure(workdir: str | os.PathLike[str]) -> dict[str, Any]:
    # Importing TensorFlow takes seconds.
    from audio_diffstride import cutoffs
    from audio_diffstride.config import config_fields
    from audio_diffstride.models import complexity, multiply_adds
    from audio_diffstride.runs import loading

    config = loading.load_config(workdir, [config_fields.INPUT])
    model = loading.load_model(workdir, "best")
    encoder = model.encoder
    size = model.front_end.output_size(loading.evaluation_input(config))
    strides = [place.strides for place in encoder.downsamplers]
    return {
        "complexity": float(complexity.complexity(strides)),
        "multiply_adds": multiply_adds.head_macs(model)
        + sum(row["total"] for row in encoder.multiply_adds(size)),
        "strides": cutoffs.strides(model),
        "folding": cutoffs.foldings(model),
    }
