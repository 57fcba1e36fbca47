"""From a run to the files of an export."""

from __future__ import annotations

import collections.abc
import pathlib

import numpy as np

from audio_diffstride.datasets.windows import EvaluationWindows
from audio_diffstride.errors import UserError
from audio_diffstride.evaluation import evaluation
from audio_diffstride.export import (
    formats,
    freezing,
    metadata,
    model_card,
    parity,
    runtimes,
)
from audio_diffstride.files import atomic
from audio_diffstride.runs import loading, run_stores

PARITY, CARD = "parity.json", "MODEL_CARD.md"

_EXAMPLES = 200  # windows of the training split


def export(args, folder: pathlib.Path) -> str:
    """Writes all files of an export.

    Args:
        args: of the command.
        folder: where to, empty.

    Returns:
        What was compared, for a terminal.

    Raises:
        UserError: if there is nothing to compare on, or the file is not the
            model that was trained.
    """
    config = loading.load_config(
        args.workdir, ["window_s", "model.downsampling"]
    )
    model = freezing.in_float32(loading.load_model(args.workdir, args.model))
    rate_hz = model.front_end.sample_rate_hz
    window_samples = round((args.window_s or config.window_s) * rate_hz)
    if window_samples < 1:
        raise UserError(f"--window_s {args.window_s:g} holds no sample")
    stores = _stores(args.workdir, args.store)
    about = metadata.describe(model, window_samples, args.format)
    path = folder / formats.FILES[args.format]
    network = freezing.freeze_network(model, window_samples)
    formats.write(
        args.format,
        network,
        about,
        path,
        lambda: _examples(stores, window_samples),
    )
    exported = runtimes.ExportedModel(path)
    compared = [
        row
        for store in stores
        for row in _compare(model, exported, store, args.recordings)
    ]
    if not compared:
        raise UserError(
            "no data set has a test or validation split to compare on; train "
            "with one"
        )
    parity.check(compared, is_float=args.format != "litert_int8")
    report = {
        **about,
        "window_s": window_samples / rate_hz,
        "compared": compared,
        "megabytes": {
            "before": 4e-6 * model.count_params(),
            "after": 1e-6 * _size(path),
        },
        "latency_ms": {
            "before": _latency_ms(model, window_samples),
            "after": parity.latency_ms(exported.logits, window_samples),
        },
    }
    atomic.write_json(folder / PARITY, report)
    card = model_card.write(
        args.workdir, model, config, stores, about, compared
    )
    atomic.write_text(folder / CARD, card)
    return parity.table(report)


def _stores(workdir, paths) -> list:
    stores, problems = run_stores.find(workdir, paths)
    if problems or not stores:
        reason = problems[0].rstrip(".") if problems else "it names none"
        reason = reason.removesuffix(": give the clip stores by --store PATH")
        raise UserError(
            f"the prepared data of {workdir} are needed, to compare the "
            f"export with the model: {reason}; prepare them again, or give "
            "--store PATH"
        )
    return stores


def _compare(model, exported, store, count: int) -> list[dict]:
    """Rows of `parity.compare` on what the model did not learn from."""
    store = store.only(model.class_names)  # a run may have left out others
    evaluation.check_classes(model, store.name, store.tasks)
    for split in ("test", "validation"):
        if store.num_examples.get(split):
            clips = parity.spread(store.examples(split), count)
            about = {"data": store.name, "split": split}
            rows = parity.compare(model, exported, clips)
            return [{**about, **row} for row in rows]
    return []


def _examples(
    stores, window_samples: int
) -> collections.abc.Iterator[np.ndarray]:
    """Windows of the training splits, evenly spread."""
    for store in stores:
        windows = EvaluationWindows(store.examples("train"), window_samples, 1)
        count = min(len(windows), -(-_EXAMPLES // len(stores)))
        for index in np.linspace(0, len(windows) - 1, count).astype(int):
            yield windows[index][0][0] / np.float32(32768)


def _latency_ms(model, window_samples: int) -> float:
    import tensorflow as tf

    function = tf.function(lambda waveforms: model(waveforms, training=False))
    return parity.latency_ms(function, window_samples)


def _size(path: pathlib.Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(p.stat().st_size for p in path.rglob("*") if p.is_file())
