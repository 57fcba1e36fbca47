"""What was trained on what: recordings, model, versions and config."""

from __future__ import annotations

import importlib.metadata
import platform
import shlex
from collections.abc import Iterator
from typing import Any

from audio_diffstride import backends
from audio_diffstride.config import config_fields
from audio_diffstride.config.field_types import split_names
from audio_diffstride.datasets.clips import ClipStore
from audio_diffstride.datasets.kinds import ONE_LABEL
from audio_diffstride.datasets.store_files import SPLITS
from audio_diffstride.report.run import Run
from audio_diffstride.runs import provenance
from audio_diffstride.terminal.durations import duration

_PACKAGES = ("keras", "numpy")
_MAX_LEFT_OUT = 20
_TITLES = {
    "tensorflow": "TensorFlow",
    "keras": "Keras",
    "numpy": "NumPy",
    "jax": "JAX",
    "torch": "PyTorch",
}


def describe(run: Run) -> dict[str, Any]:
    """The tables on data, model and config, and a sentence on versions."""
    config = config_fields.flatten(run.config.to_dict())
    return {
        "stores": [(store, list(_splits(store))) for store in run.stores],
        "left_out": [_left_out(store) for store in run.stores],
        "own": _own_recordings(run),
        "model": list(_model(run)),
        "versions": _versions(run),
        "config": [(name, _as_flag(value)) for name, value in config.items()],
    }


def _splits(store: ClipStore) -> Iterator[tuple[str, str, str]]:
    for split in SPLITS:
        if store.num_examples.get(split):
            # 16-bit samples: two bytes each.
            size = (store.path / f"{split}.pcm").stat().st_size
            time = duration(size / 2 / store.sample_rate_hz)
            yield split, f"{store.num_examples[split]:,}", time


def _left_out(store: ClipStore) -> dict[str, Any]:
    """What cannot be used of a store's recordings: the number, and some."""
    entries = store.sources.get("left_out", [])
    return {
        "store": store.name,
        "number": len(entries),
        "rows": [(e["file"], e["reason"]) for e in entries[:_MAX_LEFT_OUT]],
    }


def _own_recordings(run: Run) -> str:
    """The folder or CSV of own recordings in a command; "" for other data."""
    values = run.config.get("data", {})
    if "audio_files" not in split_names(values.get("source", "")):
        return ""
    paths = split_names(values.get("path", ""))
    return shlex.quote(paths[0]) if len(paths) == 1 else "DIR_OR_CSV"


def _model(run: Run) -> Iterator[tuple[str, str]]:
    config, encoder = run.config, run.model.encoder
    tasks = [
        f"{task} ({number} classes"
        + ("" if run.model.kinds[task] is ONE_LABEL else ", several at once")
        + ")"
        for task, number in run.model.tasks.items()
    ]
    channels = [str(block.channels) for block in encoder.blocks]
    yield "network", type(encoder).__name__
    yield "downsampling", config.model.downsampling
    yield "tasks", ", ".join(tasks)
    yield (
        "input",
        f"{config.window_s:g} s at {config.front_end.sample_rate_hz} Hz: "
        f"{run.frames} frames of {config.front_end.num_bands} mel bands",
    )
    yield "blocks", f"{len(channels)}, of {', '.join(channels)} channels"
    yield "weights", f"{run.model.count_params():,}"
    steps = f"{config.training.num_steps:,} steps"
    if early := provenance.stopped_early(run.workdir):
        steps = f"stopped early after {early:,} of {steps}"
    yield (
        "training",
        f"{steps} of {config.training.batch_size} windows, seed {config.seed}",
    )
    if few := config.get("data", {}).get("examples_per_class", 0):
        yield "recordings", f"at most {few} of each class, drawn by the seed"


def _versions(run: Run) -> str:
    """What software trained the run, and in what the page differs."""
    here = {
        "Python": platform.python_version(),
        **{
            _title(package): importlib.metadata.version(package)
            for package in (backends.name(), *_PACKAGES)
        },
    }
    if not run.starts:  # of an old version
        keras = run.saved.get("keras_version", "unknown")
        return f"Saved with Keras {keras}; this page with {_join(here)}."
    start = run.starts[-1]
    # Version 0.1.0 always trained with TensorFlow and did not record it.
    trained = {"Python": start["python"]}
    for package in (start.get("backend", "tensorflow"), *_PACKAGES):
        trained[_title(package)] = start["packages"].get(package, "unknown")
    code = f"version {start['audio_diffstride']}"
    if start["git"]:
        commit, dirty, _ = start["git"].partition("-dirty")
        code = f"commit {commit[:12]}{dirty}"
    others = {n: v for n, v in here.items() if trained.get(n) != v}
    return (
        f"Trained on {start['date'][:10]} with {_join(trained)} and the code "
        f"of {code}; this page with {_join(others) or 'the same'}."
    )


def _title(package: str) -> str:
    return _TITLES.get(package, package)


def _join(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def _as_flag(value: object) -> str:
    """The value as it is typed after --config."""
    return str(list(value)) if isinstance(value, (list, tuple)) else str(value)
