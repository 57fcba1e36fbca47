"""The content of calibration.json, from what was fitted."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from audio_diffstride import __version__
from audio_diffstride.calibration import calibration_file, reliability
from audio_diffstride.calibration.fitting import Fitted, LabelledWindows
from audio_diffstride.calibration.thresholds import Aim
from audio_diffstride.files import digests


def describe_task(windows: LabelledWindows, fitted: Fitted) -> dict[str, Any]:
    """The entry of a task."""
    both = (fitted.before, fitted.after)
    return {
        "classes": windows.classes,
        "activation": windows.activation,
        "temperature": fitted.temperature,
        "top": fitted.top,
        "thresholds": {
            row["class"]: row["threshold"] for row in fitted.table[:-1]
        },
        "expected_calibration_error": {
            name: reliability.calibration_error(bins)
            for name, bins in zip(calibration_file.BEFORE_AND_AFTER, both)
        },
        "reliability": dict(zip(calibration_file.BEFORE_AND_AFTER, both)),
        "windows": len(windows.truths),
        "recordings": len(np.unique(windows.recordings)),
        "units": len(np.unique(windows.units)),
        "unit": windows.unit,
        "table": fitted.table,
        "curves": {
            top: dataclasses.asdict(found)
            for top, found in fitted.curves.items()
        },
    }


def describe(
    model_path: pathlib.Path,
    split: str,
    window_samples: int,
    sample_rate_hz: int,
    aim: Aim,
    tasks: Mapping[str, Any],
) -> dict[str, Any]:
    """The whole content.

    Args:
        model_path: of the model.
        split: of the windows.
        window_samples: their length.
        sample_rate_hz: of their samples.
        aim: of the thresholds.
        tasks: {task: its entry}.
    """
    return {
        "schema": calibration_file.SCHEMA,
        "audio_diffstride": __version__,
        "model": model_path.stem,
        "model_sha256": digests.digest_of_file(model_path),
        "split": split,
        "window_samples": window_samples,
        "sample_rate_hz": sample_rate_hz,
        "aim": dataclasses.asdict(aim),
        "tasks": dict(tasks),
    }
