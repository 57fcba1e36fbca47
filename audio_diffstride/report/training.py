"""The sections on what was trained on what, and how the training went."""

from __future__ import annotations

import importlib.metadata
import math
import platform

from audio_diffstride import backends
from audio_diffstride.datasets.store_files import SPLITS
from audio_diffstride.files import csv_files
from audio_diffstride.report import page, plots
from audio_diffstride.report.run import Run
from audio_diffstride.terminal.durations import duration

_PACKAGES = ("keras", "numpy", "librosa")


def data_section(run: Run) -> page.Html:
    """Data, model, versions and the whole config."""
    return page.section(
        "trained",
        "What was trained on what",
        *_data(run),
        page.side_by_side(
            page.table(
                f"Model {run.which}.keras",
                ("property", "value"),
                _model(run),
                2,
            ),
            page.table("Versions", ("software", "version"), _versions(run), 2),
        ),
        page.details(
            "The config, as resolved",
            page.table(
                "config.json",
                ("field", "value"),
                [(page.code(k), page.code(v)) for k, v in _flat(run.config)],
                2,
            ),
        ),
    )


def _data(run: Run):
    rate_hz = run.config.front_end.sample_rate_hz
    tables = []
    for store in run.stores:
        rows = []
        for split in SPLITS:
            if store.num_examples.get(split):
                # 16-bit samples: two bytes each.
                size = (store.path / f"{split}.pcm").stat().st_size
                time = duration(size / 2 / rate_hz)
                rows.append((split, f"{store.num_examples[split]:,}", time))
        tables.append(
            page.element(
                "div",
                page.paragraph(
                    f"Data: {store.name}; split: {store.split_name}."
                ),
                page.table(
                    "Recordings", ("split", "recordings", "duration"), rows
                ),
            )
        )
    if tables:
        yield page.side_by_side(*tables)
    for problem in run.problems:
        yield page.note("Clip store: ", problem)


def _model(run: Run):
    config = run.config
    yield "network", type(run.model.encoder).__name__
    yield "downsampling", config.model.downsampling
    yield (
        "tasks",
        ", ".join(f"{t} ({n} classes)" for t, n in run.model.tasks.items()),
    )
    yield (
        "input",
        f"{config.window_s:g} s at {config.front_end.sample_rate_hz} Hz: "
        f"{run.frames} frames of {config.front_end.num_bands} mel bands",
    )
    channels = [block.channels for block in run.model.encoder.blocks]
    yield "blocks", f"{len(channels)}, of {_listed(channels)} channels"
    yield "weights", f"{run.model.count_params():,}"
    yield (
        "training",
        f"{config.training.num_steps:,} steps of "
        f"{config.training.batch_size} windows, seed {config.seed}",
    )


def _listed(values) -> str:
    return ", ".join(map(str, values))


def _versions(run: Run):
    yield (
        "model saved by Keras",
        f"{run.saved.get('keras_version', 'unknown')}, "
        f"{run.saved.get('date_saved', 'date unknown')}",
    )
    for start in run.starts[-1:]:
        yield "trained by Python", start["python"]
        # Runs of version 0.1.0 trained with TensorFlow and did not say so.
        backend = start.get("backend", "tensorflow")
        for package in (backend, *_PACKAGES):
            version = start["packages"].get(package, "unknown")
            yield f"trained with {package}", version
        yield "code trained with", start["git"] or start["audio_diffstride"]
    yield "report made by Python", platform.python_version()
    for package in (*backends.packages(), *_PACKAGES):
        yield f"report made with {package}", importlib.metadata.version(package)


def _flat(config, prefix: str = ""):
    for name, value in config.items():
        if hasattr(value, "items"):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", _plain(value)


def _plain(value) -> str:
    """Lists as they are typed after --config."""
    return str(list(value)) if isinstance(value, (list, tuple)) else str(value)


def curves_section(run: Run) -> page.Html:
    """Losses and accuracies per epoch."""
    try:
        history = csv_files.read_numbers(
            run.workdir / "history.csv",
            ["epoch"],
            "delete it for a page without curves, or restore it",
        )
    except FileNotFoundError:
        return page.section(
            "curves",
            "Training",
            page.note("There is no history.csv: no epoch has ended yet."),
        )
    epochs = [epoch + 1 for epoch in history.pop("epoch")]
    pictures = []
    for kind, scale, label in (
        ("loss", 1, "loss"),
        ("accuracy", 100, "accuracy (%)"),
    ):
        series = list(_series(history, run.model.tasks, kind, epochs, scale))
        if series:
            told = "; ".join(
                f"{line['name']} from {line['y'][0]:.3g} to {line['y'][-1]:.3g}"
                for line in series
            )
            pictures.append(
                page.figure(
                    plots.lines(series, "epoch", label, f"{label}: {told}."),
                    f"{label.capitalize()} per epoch of "
                    f"{run.config.training.steps_per_epoch} steps.",
                )
            )
    names = list(history)
    rows = [
        (f"{epoch:.0f}", *(_cell(history[name][i]) for name in names))
        for i, epoch in enumerate(epochs)
    ]
    return page.section(
        "curves",
        "Training",
        page.paragraph(
            "Dashed lines: training, on random windows. Solid lines: "
            "validation, on whole recordings."
        ),
        page.side_by_side(*pictures),
        page.details(
            "The same as numbers",
            page.table("history.csv", ("epoch", *names), rows),
        ),
    )


def _cell(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.4g}"


def _series(history, tasks, kind: str, epochs, scale: float):
    """The columns of a kind: a colour per task, training dashed."""
    several = len(tasks) > 1
    colors = {"": len(tasks) if several else 0}
    colors |= {task: number for number, task in enumerate(tasks)}
    for name, values in history.items():
        held_out = name.startswith("val_")
        task = name.removeprefix("val_")
        if task != kind and not task.endswith(f"_{kind}"):
            continue
        task = task.removesuffix(kind).removesuffix("_")
        if task not in colors:
            continue
        color = colors[task] % len(plots.SERIES)
        part = "validation" if held_out else "training"
        who = task or ("all tasks," if several else "")
        yield {
            "name": f"{who} {part}".strip(),
            "x": epochs,
            "y": [scale * value for value in values],
            "color": plots.SERIES[color],
            "dashed": not held_out,
        }


def strides_section(run: Run) -> page.Html:
    """How the strides moved."""
    title = "Strides during training"
    try:
        columns = csv_files.read_strides(run.workdir)
    except FileNotFoundError:
        return page.section(
            "strides", title, page.note("There is no strides.csv.")
        )
    steps = columns.pop("step")
    pictures = []
    for axis in ("time", "frequency"):
        strides = {
            name.removesuffix(f"_{axis}"): values
            for name, values in columns.items()
            if name.endswith(f"_{axis}")
        }
        pictures.append(
            page.figure(
                plots.stride_lines(steps, strides, axis),
                f"The stride of every block along {axis}; at a stride of 1 "
                "an axis keeps nearly all of its detail.",
            )
        )
    learned = any(row["learned"] for row in run.cutoffs)
    return page.section(
        "strides",
        title,
        page.paragraph(
            "Learned by gradient descent, with the other weights."
            if learned
            else "Fixed: this network does not learn its strides."
        ),
        page.side_by_side(*pictures),
    )
