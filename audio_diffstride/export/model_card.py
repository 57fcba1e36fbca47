"""The model card: a page about an exported model, its scores and its limits."""

from __future__ import annotations

import os
from typing import Any

import ml_collections

from audio_diffstride import cutoffs
from audio_diffstride.datasets.clips import ClipStore
from audio_diffstride.evaluation import score_files
from audio_diffstride.export import parity
from audio_diffstride.export.documents import (
    Heading,
    Paragraph,
    Part,
    Points,
    Table,
)
from audio_diffstride.export.parity import percent

_SPLITS = ("test", "validation", "train")


def describe(
    workdir: str | os.PathLike[str],
    model: Any,
    config: ml_collections.ConfigDict,
    stores: list[ClipStore],
    about: dict,
) -> list[Part]:
    """Describes a model: its task, its data, its scores and its limits.

    Args:
        workdir: of the run, for the scores of its evaluation.
        model: the `AudioClassifier`.
        config: of the run.
        stores: the clip stores it was trained on.
        about: the metadata, from `metadata.describe`.
    """
    evaluations = (score_files.read(workdir, split) for split in _SPLITS)
    evaluation = next(filter(None, evaluations), None)
    rate_hz = about["sample_rate_hz"]
    low_hz, high_hz = about["band_hz"]
    window_s = about["window_samples"] / rate_hz
    size = model.front_end.output_size(about["window_samples"])
    return [
        Heading(f"A classifier of {', '.join(about['tasks'])}"),
        Paragraph(
            f"Exported as {about['format']} by audio_diffstride "
            f"{about['audio_diffstride']}."
        ),
        Heading("Task"),
        Paragraph(
            f"Input: mono sound at {rate_hz} Hz, floats in [-1, 1], in windows "
            f"of {window_s:g} s ({about['window_samples']} samples). Output: "
            "the probabilities and the logits of each task."
        ),
        Table(
            ["task", "classes"],
            [
                [task, ", ".join(names)]
                for task, names in about["tasks"].items()
            ],
        ),
        Heading("Data"),
        _data(stores),
        Paragraph(
            "Licence of the recordings: not recorded in the prepared data. Ask "
            "their owner before you pass the model on."
        ),
        Heading("Scores"),
        *_scores(evaluation),
        Heading("Learned cut-offs"),
        Paragraph(
            f"Downsampling: {config.model.downsampling}. It removes "
            "modulations of the spectrogram that are faster than the cut-off."
        ),
        _strides(cutoffs.report(model, size)),
        Heading("Limits"),
        _limits(low_hz, high_hz, window_s),
    ]


def compare(compared: list[dict]) -> list[Part]:
    """The comparison of file and model, from rows of `parity.compare`."""
    return [
        Heading("This file and the trained model"),
        Table(parity.TITLES, parity.cells(compared)),
    ]


def _data(stores: list[ClipStore]) -> Table:
    return Table(
        ["data set", "rule of its splits", "train", "validation", "test"],
        [
            [store.name, store.split_name]
            + [
                store.num_examples.get(split, 0)
                for split in ("train", "validation", "test")
            ]
            for store in stores
        ],
    )


def _scores(evaluation: dict | None) -> list[Part]:
    if evaluation is None:
        return [
            Paragraph(
                "Not evaluated: run audio-diffstride evaluate, then export "
                "again."
            )
        ]
    rows = []
    for task, scores in evaluation["tasks"].items():
        low, high = scores["intervals"]["accuracy"]
        rows.append(
            [
                task,
                percent(scores["accuracy"]),
                f"{percent(low)} to {percent(high)}",
                percent(scores["balanced_accuracy"]),
                percent(scores["chance"]),
                scores["recordings"],
            ]
        )
    titles = ["task", "accuracy", "95 % interval", "balanced", "chance"]
    return [
        Paragraph(
            f"The {evaluation['model']} model on whole recordings of the "
            f"{evaluation['split']} split."
        ),
        Table([*titles, "recordings"], rows),
    ]


def _strides(rows: list[dict]) -> Table:
    folds = any(row["folded_channels"] for row in rows)
    return Table(
        ["layer", "stride", "cut-off", "unit", "size"]
        + ["folded back"] * folds,
        [
            [
                f"{row['block']} {row['axis']}",
                f"{row['stride']:.2f}",
                f"{row['cutoff']:.3g}",
                row["unit"],
                f"{row['input_size']} to {row['output_size']}",
            ]
            + [f"{100 * row['folding']:.0f} %"] * folds
            for row in rows
        ],
    )


def _limits(low_hz: float, high_hz: float, window_s: float) -> Points:
    lines = [
        "It always answers with one of its classes. There is no class for "
        '"something else", unless it is named above.',
        f"It uses {low_hz:g} to {high_hz:g} Hz in windows of {window_s:g} s. "
        "It was trained on the recordings above. Other microphones, rooms, "
        "speakers or places may score lower.",
        "Its probabilities are not calibrated. Choose thresholds on your own "
        "recordings.",
    ]
    return Points(lines)
