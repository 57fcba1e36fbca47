"""What the model of a run costs: J and multiply-adds, kept in cost.json."""

from __future__ import annotations

import pathlib

from audio_diffstride.files import atomic, json_files
from audio_diffstride.files.json_files import NUMBER

FILE = "cost.json"
_SHAPE = {"complexity": NUMBER, "multiply_adds": int, "strides": {str: NUMBER}}


def of_run(workdir) -> dict:
    """The cost of best.keras, which is what scores are of.

    Args:
        workdir: of a finished run; it is measured once, and then read.

    Returns:
        complexity: J of Eq. 6 at the strides that the model has
        multiply_adds: of one window, or image, heads included
        strides: {place_axis: stride}
    """
    path = pathlib.Path(workdir) / FILE
    try:
        return json_files.read(path, _SHAPE, "delete it")
    except FileNotFoundError:
        cost = _measure(workdir)
        atomic.write_json(path, cost)
        return cost


def _measure(workdir) -> dict:
    # Seconds of TensorFlow, for runs that are not measured yet.
    from audio_diffstride.config import config_fields
    from audio_diffstride.cutoffs import cutoffs
    from audio_diffstride.models import complexity, multiply_adds
    from audio_diffstride.runs import loading

    config = loading.load_config(workdir, [config_fields.INPUT])
    model = loading.load_model(workdir, "best")
    encoder = model.encoder
    size = model.front_end.output_size(loading.shown(config))
    strides = [place.strides for place in encoder.downsamplers]
    return {
        "complexity": float(complexity.complexity(strides)),
        "multiply_adds": multiply_adds.head_macs(model)
        + sum(row["total"] for row in encoder.multiply_adds(size)),
        "strides": cutoffs.strides(model),
    }
