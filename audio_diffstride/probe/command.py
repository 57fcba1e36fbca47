r"""Score simple classifiers on the embeddings of labelled recordings.

Example:
    audio-diffstride embed --workdir runs/mine own/ --output own.parquet
    audio-diffstride probe own.parquet --data own/ --output probes/own \
        --examples 1,5,20

The vector of a recording is the mean of its windows' embeddings, weighted by
their seconds. The classifiers are scikit-learn's: logistic regression on
standardised vectors, and the nearest neighbours by the cosine. They are
cross-validated. Where recordings have groups, whole groups are tested: each
once, or in --folds folds if there are more groups. Splits of the table are not
used.

--examples trains on few recordings of each class, drawn at random --draws
times. Where there are groups, each draw tests on other groups. Otherwise it
tests on all other recordings.

Tables of other tools are welcome. They need the columns file, start_s, end_s
and embedding (a list of floats).

Written to --output:

    probe.csv   a row per task, classifier and number of examples
    probe.json  the same, with the score of every draw
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from audio_diffstride.datasets import kinds
from audio_diffstride.errors import UserError, join_some
from audio_diffstride.files import atomic, digests, outputs
from audio_diffstride.recordings import arguments

_FILES = ("probe.csv", "probe.json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `audio-diffstride probe`."""
    add = parser.add_argument
    add("embeddings", metavar="EMBEDDINGS", help="the table, in Parquet")
    add(
        "--data",
        required=True,
        metavar="DIR_OR_CSV",
        help="the labels: what train takes as --data",
    )
    arguments.add_columns(parser)
    add("--output", required=True, metavar="FOLDER", help="for the results")
    add(
        "--folds",
        type=int,
        default=10,
        metavar="K",
        help="at most so many test sets; default 10",
    )
    add(
        "--examples",
        metavar="N,...",
        help="also train on N recordings of each class, such as 1,5,20",
    )
    add(
        "--draws",
        type=int,
        metavar="N",
        help="how often --examples draws; default 20",
    )
    add(
        "--neighbours",
        type=int,
        default=5,
        metavar="K",
        help="how many nearest neighbours count; default 5",
    )
    add(
        "--seed",
        type=int,
        default=0,
        help="of the folds and the draws; default 0",
    )
    add(outputs.FLAG, action="store_true", help=outputs.HELP)


def _check(args: argparse.Namespace) -> None:
    """Checks the flags; makes numbers of --examples."""
    if args.draws is not None and not args.examples:
        raise UserError("--draws needs --examples; give both")
    args.draws = 20 if args.draws is None else args.draws
    for name, low, high in (
        ("folds", 2, 1000),
        ("draws", 1, 10_000),
        ("neighbours", 1, 1_000_000),
        ("seed", 0, 2**32 - 1),
    ):
        value = getattr(args, name)
        if not low <= value <= high:
            raise UserError(
                f"--{name} is {value}, but must be from {low} to {high}"
            )
    texts = args.examples.split(",") if args.examples else []
    if not all(t.isascii() and t.isdigit() and int(t) for t in texts):
        raise UserError(
            f"--examples is {args.examples}, but must be numbers from 1, such "
            "as 1,5,20"
        )
    args.examples = sorted({*map(int, texts)})


def run(args: argparse.Namespace) -> None:
    """Trains the probes, prints the table and writes the files."""
    _check(args)
    folder = outputs.folder(args.output)
    targets = [folder / name for name in _FILES]
    outputs.refuse_to_replace(targets, args.overwrite)
    # scikit-learn: a second.
    from audio_diffstride.probe import recording_vectors, results
    from audio_diffstride.recordings import manifest, preparation
    from audio_diffstride.terminal.notices import note

    recordings = manifest.read(args.data, args.tasks, args.columns, note)
    classes = manifest.class_names(recordings)
    for task, kind in manifest.kinds(recordings).items():
        if kind is not kinds.ONE_LABEL:
            raise UserError(
                f"the task {task} has several labels per recording, and a "
                "probe learns one; choose other tasks by --tasks"
            )
    vectors = recording_vectors.means(
        args.embeddings, recordings, preparation.folder(args.data), note
    )
    found: list[results.Result] = []
    tasks: dict[str, Any] = {}
    for task, names in classes.items():
        chosen = [i for i, r in enumerate(recordings) if task in r.labels]
        tasks[task], of_task = _probe(
            args, task, names, [recordings[i] for i in chosen], vectors[chosen]
        )
        found += of_task
    content = {
        "embeddings": args.embeddings,
        "embeddings_sha256": digests.digest_of_file(args.embeddings),
        "data": args.data,
        "seed": args.seed,
        "neighbours": args.neighbours,
        "tasks": tasks,
        "results": results.to_json(found),
    }
    atomic.write_json(targets[1], content)
    atomic.write_rows(targets[0], results.rows(found))
    print(f"{results.format_table(found)}\n")
    for task, about in tasks.items():
        print(results.describe(about, task))
    if args.examples:
        print(
            f"of few examples: the mean of {args.draws} draws, its interval "
            "(Student's t), and the deviation of the draws"
        )
    print(f"\nwritten: {folder}, with {' and '.join(_FILES)}")


def _probe(
    args: argparse.Namespace,
    task: str,
    classes: list[str],
    recordings: list[Any],
    vectors: np.ndarray,
) -> tuple[dict[str, Any], list[Any]]:
    """What is said of a task, and its results."""
    from audio_diffstride.evaluation import metrics
    from audio_diffstride.probe import classifiers, divisions, results, scoring
    from audio_diffstride.terminal.notices import warn

    labels = np.array([classes.index(r.labels[task]) for r in recordings])
    folds = divisions.make_folds(labels, recordings, args.folds, args.seed)
    if never := divisions.untested(labels, folds):
        warn(
            f"{len(never)} classes of {task} are in one test set only, so no "
            "probe that is tested on them has learned them: "
            f"{join_some(classes[index] for index in never)}"
        )
    data = scoring.Labelled(vectors, labels, classes, folds)
    draws = {
        examples: divisions.draw(
            labels, folds, examples, args.draws, args.seed, classes
        )
        for examples in args.examples
    }
    found = []
    for probe in classifiers.NAMES:
        for examples, of_few in draws.items():
            scores = scoring.of_few_examples(
                data, probe, args.neighbours, of_few
            )
            found.append(results.Result(task, probe, examples, scores))
        scores = scoring.cross_validate(data, probe, args.neighbours)
        found.append(results.Result(task, probe, results.ALL, scores))
    about = {
        "recordings": len(labels),
        "classes": classes,
        "chance": metrics.chance(labels),
        "tests": folds.description,
        "resampled": "groups" if folds.groups else "recordings",
    }
    return about, found
