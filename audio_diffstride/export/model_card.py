"""The model card: a page about an exported model, its scores and its limits."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from typing import Any

import ml_collections

from audio_diffstride import cutoffs
from audio_diffstride.calibration import tables
from audio_diffstride.datasets.clips import ClipStore
from audio_diffstride.datasets.kinds import ONE_LABEL, SEVERAL_LABELS, Kind
from audio_diffstride.evaluation import score_files
from audio_diffstride.export import metadata, parity
from audio_diffstride.export.documents import (
    Heading,
    Paragraph,
    Part,
    Points,
    Table,
)
from audio_diffstride.export.parity import percent

_SPLITS = ("test", "validation", "train")
_UNKNOWN_LICENCE = Paragraph(
    "Licence of the recordings: not recorded in the prepared data. Ask their "
    "owner before you pass the model on."
)


def describe(
    workdir: str | os.PathLike[str],
    model: Any,
    config: ml_collections.ConfigDict,
    stores: list[ClipStore],
    about: dict,
    licence: Sequence[Part] = (_UNKNOWN_LICENCE,),
) -> list[Part]:
    """Describes a model: its task, its data, its scores and its limits.

    Args:
        workdir: of the run, for the scores of its evaluation.
        model: the `AudioClassifier`.
        config: of the run.
        stores: the clip stores it was trained on.
        about: the metadata, from `metadata.describe`.
        licence: of the recordings.
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
                [
                    task,
                    ", ".join(names)
                    + (
                        ""
                        if model.kinds[task] is ONE_LABEL
                        else "; several at once"
                    ),
                ]
                for task, names in about["tasks"].items()
            ],
        ),
        Heading("Data"),
        _data(stores),
        *_few(config),
        *licence,
        Heading("Scores"),
        *_scores(evaluation),
        Heading("Learned cut-offs"),
        Paragraph(
            f"Downsampling: {config.model.downsampling}. It removes "
            "modulations of the spectrogram that are faster than the cut-off."
        ),
        _strides(cutoffs.report(model, size)),
        Heading("Limits"),
        _limits(low_hz, high_hz, window_s, about, model.kinds.values()),
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


def _few(config: ml_collections.ConfigDict) -> list[Part]:
    """Says it if only some of the training recordings were learned."""
    count = config.get("data", {}).get("examples_per_class", 0)
    if not count:
        return []
    return [
        Paragraph(
            f"Trained on at most {count} recordings of each class, drawn by "
            f"the seed {config.seed}."
        )
    ]


def _scores(evaluation: dict | None) -> list[Part]:
    if evaluation is None:
        return [
            Paragraph(
                "Not evaluated: run audio-diffstride evaluate, then export "
                "again."
            )
        ]
    parts: list[Part] = [
        Paragraph(
            f"The {evaluation['model']} model on whole recordings of the "
            f"{evaluation['split']} split."
        )
    ]
    for kind, name, second, title in (
        (ONE_LABEL, "accuracy", "balanced_accuracy", "balanced"),
        (SEVERAL_LABELS, "mean_average_precision", "f1", "F1 at 0.5"),
    ):
        rows = [
            _row(task, scores, name, second)
            for task, scores in evaluation["tasks"].items()
            if score_files.kind_of(scores) is kind
        ]
        titles = ["task", name.replace("_", " "), "95 % interval", title]
        if rows:
            parts.append(Table([*titles, "chance", "recordings"], rows))
    return parts


def _row(task: str, scores: dict, name: str, second: str) -> list[object]:
    low, high = scores["intervals"][name]
    return [
        task,
        percent(scores[name]),
        f"{percent(low)} to {percent(high)}",
        percent(scores[second]),
        percent(scores["chance"]),
        scores["recordings"],
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
            + [_share(row["folding"])] * folds
            for row in rows
        ],
    )


def _share(folding: float | None) -> str:
    """How much folds, in whole percent; nothing where no layer could.

    >>> _share(0.95), _share(None)
    ('95 %', '')
    """
    return "" if folding is None else f"{100 * folding:.0f} %"


def _limits(
    low_hz: float,
    high_hz: float,
    window_s: float,
    about: dict,
    kinds: Collection[Kind],
) -> Points:
    lines = [
        "It always answers with one of its classes. There is no class for "
        '"something else", unless it is named above.',
        "Of a task with several labels each class has a probability of its "
        "own. It may find none.",
    ]
    if SEVERAL_LABELS not in kinds:
        lines.pop()
    elif ONE_LABEL not in kinds:
        lines.pop(0)
    lines += [
        f"It uses {low_hz:g} to {high_hz:g} Hz in windows of {window_s:g} s. "
        "It was trained on the recordings above. Other microphones, rooms, "
        "speakers or places may score lower.",
        *_calibration(about),
    ]
    return Points(lines)


def _calibration(about: dict) -> list[str]:
    if metadata.CALIBRATION not in about:
        return [
            "Its probabilities are not calibrated. Choose thresholds on your "
            "own recordings."
        ]
    return [
        "Its probabilities are those of training. Calibrated ones, the softmax "
        "of the logits divided by a temperature, are for windows like those of "
        "the validation recordings. Temperatures and thresholds are in the "
        "metadata.",
        *(
            tables.summary(task, entry)
            for task, entry in about[metadata.CALIBRATION]["tasks"].items()
        ),
    ]
