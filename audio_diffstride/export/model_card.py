"""A page that goes with an exported model: what it is, and is not, good for."""

from __future__ import annotations

from audio_diffstride.cutoffs import cutoffs
from audio_diffstride.errors import one_line
from audio_diffstride.evaluation import score_files

_SPLITS = ("test", "validation", "train")


def write(workdir, model, config, stores, about: dict, compared: list) -> str:
    """The card, as Markdown.

    Args:
        workdir: of the run, whose evaluation is quoted.
        model: the `AudioClassifier`.
        config: of the run.
        stores: the clip stores it was trained on.
        about: of `metadata.describe`.
        compared: rows of `parity.compare`.
    """
    found = (score_files.read(workdir, split) for split in _SPLITS)
    evaluation = next(filter(None, found), None)
    rate_hz = about["sample_rate_hz"]
    low_hz, high_hz = about["band_hz"]
    window_s = about["window_samples"] / rate_hz
    frames = model.front_end.num_frames(about["window_samples"])
    parts = [
        f"# A classifier of {_text(', '.join(about['tasks']))}",
        f"Exported as `{about['format']}` by audio_diffstride "
        f"{about['audio_diffstride']}.",
        "## Task",
        f"Mono sound at {rate_hz} Hz, floats in [-1, 1], in windows of "
        f"{window_s:g} s ({about['window_samples']} samples); out come the "
        "probabilities and the logits of each task.",
        _table(
            ["task", "classes"],
            [
                [task, ", ".join(names)]
                for task, names in about["tasks"].items()
            ],
        ),
        "## Data",
        _data(stores),
        "Licence of the recordings: not recorded in the prepared data; ask "
        "whoever gave them before you pass the model on.",
        "## Scores",
        *_scores(evaluation),
        "## This file beside the model that was trained",
        _parity(compared),
        "## What it learned to keep",
        f"Downsampling: {config.model.downsampling}. Modulations of the "
        "spectrogram faster than the cut-off are removed.",
        _strides(cutoffs.report(model, (frames, model.front_end.num_bands))),
        "## Limits",
        _limits(low_hz, high_hz, window_s),
    ]
    return "\n\n".join(parts) + "\n"


def _data(stores) -> str:
    if not stores:
        return "The prepared data were no longer there at the export."
    return _table(
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


def _scores(evaluation: dict | None) -> list[str]:
    if evaluation is None:
        return ["It was not evaluated: run evaluate.py, then export again."]
    rows = []
    for task, scores in evaluation["tasks"].items():
        low, high = scores["intervals"]["accuracy"]
        rows.append(
            [
                task,
                _percent(scores["accuracy"]),
                f"{_percent(low)} to {_percent(high)}",
                _percent(scores["balanced_accuracy"]),
                _percent(scores["chance"]),
                scores["recordings"],
            ]
        )
    titles = ["task", "accuracy", "95 % interval", "balanced", "chance"]
    return [
        f"Of the {evaluation['model']} model on whole recordings of the "
        f"{evaluation['split']} split.",
        _table([*titles, "recordings"], rows),
    ]


def _parity(compared: list[dict]) -> str:
    return _table(
        ["task", "recordings", "largest difference of a logit"]
        + ["equal decisions", "accuracy before", "after"],
        [
            [
                found["task"],
                found["recordings"],
                f"{found['max_logit_difference']:.2g}",
                _percent(found["equal_decisions"]),
                _percent(found["accuracy_before"]),
                _percent(found["accuracy_after"]),
            ]
            for found in compared
        ],
    )


def _strides(rows: list[dict]) -> str:
    return _table(
        ["layer", "stride", "cut-off", "unit", "size"],
        [
            [
                f"{row['block']} {row['axis']}",
                f"{row['stride']:.2f}",
                f"{row['cutoff']:.3g}",
                row["unit"],
                f"{row['input_size']} to {row['output_size']}",
            ]
            for row in rows
        ],
    )


def _limits(low_hz: float, high_hz: float, window_s: float) -> str:
    lines = [
        "It always answers with one of its classes: there is none for "
        '"something else" unless one is named above.',
        f"It hears {low_hz:g} to {high_hz:g} Hz, in windows of {window_s:g} s, "
        "and was trained on the recordings above: other microphones, rooms, "
        "speakers or places may score lower.",
        "A probability is not calibrated: choose thresholds on recordings of "
        "your own.",
    ]
    return "\n".join(f"- {line}" for line in lines)


def _table(titles: list[str], rows: list[list]) -> str:
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(map(_text, line))} |" for line in lines)


def _text(value) -> str:
    """As Markdown shows it, whatever characters a name has."""
    text = one_line(value).replace("\\", "\\\\")
    for character in "|<>*_`[]":
        text = text.replace(character, f"\\{character}")
    return text


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"
