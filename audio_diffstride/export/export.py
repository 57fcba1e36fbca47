"""From a run to the files of an export."""

from __future__ import annotations

import argparse
import collections.abc
import dataclasses
import pathlib
from typing import Any

import numpy as np

from audio_diffstride.backends.forward import forward
from audio_diffstride.calibration import calibration_file
from audio_diffstride.calibration.calibration_file import Calibration
from audio_diffstride.datasets.clips import Clips
from audio_diffstride.datasets.windows import EvaluationWindows
from audio_diffstride.errors import UserError
from audio_diffstride.evaluation import inference
from audio_diffstride.export import (
    documents,
    formats,
    freezing,
    metadata,
    model_card,
    output_files,
    parity,
    runtimes,
)
from audio_diffstride.export.web import writing
from audio_diffstride.files import atomic
from audio_diffstride.runs import layout, loading, run_stores
from audio_diffstride.terminal.notices import note

_NUM_EXAMPLES = 200  # windows of the training split, to measure ranges


def export(args: argparse.Namespace, folder: pathlib.Path) -> str:
    """Writes all files of an export.

    Args:
        args: of the command.
        folder: an empty folder for the files.

    Returns:
        The comparison of file and model, for a terminal.

    Raises:
        UserError: if there is nothing to compare on, or the file differs from
            the trained model.
    """
    config = loading.load_config(
        args.workdir, ["window_s", "model.downsampling"]
    )
    model = freezing.in_float32(loading.load_model(args.workdir, args.model))
    rate_hz = model.front_end.sample_rate_hz
    window_samples = round((args.window_s or config.window_s) * rate_hz)
    if window_samples < 1:
        raise UserError(
            f"--window_s {args.window_s:g} holds no sample; give a longer one"
        )
    stores = run_stores.require(
        args.workdir, args.store, "to compare the export with the model"
    )
    about = metadata.describe(
        model,
        window_samples,
        args.format,
        _calibration(args.workdir, args.model, window_samples),
    )
    network = freezing.freeze_network(model, window_samples)
    if args.embedding:
        if runtimes.EMBEDDING in model.class_names:
            raise UserError(
                f"a task is called {runtimes.EMBEDDING}, like the output of "
                "--embedding; leave --embedding out"
            )
        network = dataclasses.replace(network, embeds=True)
    path = folder / output_files.MODELS[args.format]
    card = model_card.describe(args.workdir, model, config, stores, about)
    if args.format == "web":
        writing.write(model, network, about, card, path)
    else:
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
            "after": 1e-6 * _num_bytes(path),
        },
        "latency_ms": {
            "before": parity.latency_ms(
                forward(model, 1, window_samples), window_samples
            ),
            "after": parity.latency_ms(exported.logits, window_samples),
        },
    }
    if args.embedding:
        report["embedding"] = [
            parity.compare_embeddings(model, exported, clips)
            for store in stores
            for _, clips in _held_out(store, args.recordings)
        ]
    atomic.write_json(folder / layout.PARITY, report)
    text = documents.to_markdown([*card, *model_card.compare(compared)])
    atomic.write_text(folder / layout.MODEL_CARD, text)
    return parity.table(report)


def _calibration(
    workdir: str, which: str, window_samples: int
) -> Calibration | None:
    """The calibration to export; a line says why there is none for it."""
    model_path = pathlib.Path(workdir) / layout.MODEL.format(which=which)
    try:
        found = calibration_file.find(model_path)
    except UserError as error:
        note(f"the calibration is not exported: {error}")
        return None
    if found and found.window_samples != window_samples:
        note("the calibration is not exported: it is for other --window_s")
        return None
    return found


def _compare(
    model: Any, exported: runtimes.ExportedModel, store: Any, count: int
) -> list[dict]:
    """Rows of `parity.compare` for recordings not used in training."""
    store = store.only(model.class_names)  # the run may use fewer tasks
    inference.check_classes(model, store.name, store.tasks, store.kinds)
    return [
        {"data": store.name, "split": split, **row}
        for split, clips in _held_out(store, count)
        for row in parity.compare(model, exported, clips)
    ]


def _held_out(
    store: Any, count: int
) -> collections.abc.Iterator[tuple[str, Clips]]:
    """Yields the split that is not trained on, and some of its recordings."""
    for split in ("test", "validation"):
        if store.num_examples.get(split):
            yield split, parity.spread(store.examples(split), count)
            return


def _examples(
    stores: list[Any], window_samples: int
) -> collections.abc.Iterator[np.ndarray]:
    """Yields evenly spaced windows of the training splits."""
    for store in stores:
        windows = EvaluationWindows(store.examples("train"), window_samples, 1)
        count = min(len(windows), -(-_NUM_EXAMPLES // len(stores)))
        for index in np.linspace(0, len(windows) - 1, count).astype(int):
            yield windows[index][0][0] / np.float32(32768)


def _num_bytes(path: pathlib.Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(p.stat().st_size for p in path.rglob("*") if p.is_file())
