"""From verdicts to recordings with labels."""

from __future__ import annotations

import dataclasses
import os
import pathlib
from collections.abc import Iterable, Mapping, Sequence

from audio_diffstride.datasets.kinds import (
    ONE_LABEL,
    SEVERAL_LABELS,
    Kind,
    Label,
    Labels,
)
from audio_diffstride.errors import UserError
from audio_diffstride.recordings import manifest
from audio_diffstride.recordings.recording import Recording
from audio_diffstride.review.verdicts import Verdict

_Segment = tuple[str, float | None, float | None]


def from_verdicts(
    verdicts: Sequence[Verdict],
    kinds: Mapping[str, Kind],
    rejected: str | None = None,
) -> tuple[list[Recording], int]:
    """Makes a recording of each stretch of sound that gets a label.

    Args:
        verdicts: of people.
        kinds: {task: its kind}. With several labels, no is the answer that the
            class is absent, and nothing is known of the others.
        rejected: with one label, the class of a stretch without the class that
            was found; None leaves it out.

    Returns:
        The recordings, and the number of stretches that are left out.

    Raises:
        UserError: for verdicts that contradict each other, or if nothing has a
            label.
    """
    for task, kind in kinds.items():
        if rejected is not None and kind is SEVERAL_LABELS:
            raise UserError(
                f"--rejected is a class of tasks with one label, but {task} "
                "has several, where no is 0; leave it out"
            )
    labels: dict[_Segment, dict[str, Label]] = {}
    paths: dict[_Segment, pathlib.Path] = {}
    # A stretch is rejected only if no row gives it a label.
    for verdict in sorted(verdicts, key=lambda one: one.heard is None):
        key = _key(verdict.path, verdict.start_s, verdict.end_s)
        paths.setdefault(key, verdict.path)
        of_tasks = labels.setdefault(key, {})
        if kinds[verdict.task] is SEVERAL_LABELS:
            before = of_tasks.get(verdict.task)
            of_tasks[verdict.task] = _add(verdict, before)
        elif verdict.heard is None:
            if rejected is not None:
                of_tasks.setdefault(verdict.task, rejected)
        else:
            label = of_tasks.setdefault(verdict.task, verdict.heard)
            if label != verdict.heard:
                raise UserError(
                    f"{verdict.where}: {verdict.heard!r}, but another row "
                    f"gives the same sound the label {label!r}; correct one, "
                    "or give --several_labels if both are right"
                )
    kept = [
        Recording(paths[key], of_tasks, start_s=key[1], end_s=key[2])
        for key, of_tasks in labels.items()
        if of_tasks
    ]
    if not kept:
        raise UserError(
            "no verdict gives a label, as all are no; --rejected gives them a "
            "class, such as _background"
        )
    return kept, len(labels) - len(kept)


def _add(verdict: Verdict, before: Label | None) -> Labels:
    """The labels of a stretch, with one more verdict."""
    known = before if isinstance(before, Labels) else Labels(absent=())
    present, absent = {*known.present}, {*(known.absent or ())}
    if verdict.heard is not None:
        present.add(verdict.heard)
    if not verdict.is_right:
        absent.add(verdict.label)
    if both := present & absent:
        raise UserError(
            f"{verdict.where}: {both.pop()!r} is in the same sound by one row, "
            "and not by another; correct one of them"
        )
    return Labels(tuple(sorted(present)), tuple(sorted(absent)))


def kinds_of(
    verdicts: Iterable[Verdict],
    several_labels: bool,
    others: Sequence[Recording] = (),
) -> dict[str, Kind]:
    """The kind of each task of the verdicts.

    Args:
        verdicts: of people.
        several_labels: the kind, if there are no other recordings.
        others: recordings that the new ones join, which have the tasks.

    Raises:
        UserError: if they have not.
    """
    kind = SEVERAL_LABELS if several_labels else ONE_LABEL
    tasks = dict.fromkeys(verdict.task for verdict in verdicts)
    if not others:
        return dict.fromkeys(tasks, kind)
    there = manifest.kinds(others)
    for task in tasks:
        if task not in there:
            raise UserError(
                f"--add_to has no task {task}; it has {', '.join(there)}"
            )
    return {task: there[task] for task in tasks}


def join(
    others: Sequence[Recording], new: Sequence[Recording]
) -> tuple[list[Recording], int]:
    """Adds new recordings to others, whose split and group they take.

    A file that is new is for training, if the others have splits. Of a stretch
    that is in both, the new labels count.

    Returns:
        All of them, and the number of others with changed labels.
    """
    joined = {_key(r.path, r.start_s, r.end_s): r for r in others}
    of_file = {_name(r.path): r for r in reversed(others)}
    split = "train" if any(r.split for r in others) else ""
    changed = 0
    for one in new:
        key = _key(one.path, one.start_s, one.end_s)
        if key in joined:
            before = joined[key]
            labels = dict(before.labels)
            for task, label in one.labels.items():
                labels[task] = _replace(labels.get(task), label)
            changed += labels != before.labels
            joined[key] = dataclasses.replace(before, labels=labels)
            continue
        like = of_file.get(_name(one.path))
        joined[key] = dataclasses.replace(
            one,
            split=like.split if like else split,
            group=like.group if like else "",
        )
    return list(joined.values()), changed


def _replace(before: Label | None, new: Label) -> Label:
    """The new label; with several, what it does not know stays."""
    if not isinstance(before, Labels) or not isinstance(new, Labels):
        return new
    absent = {*(new.absent or ())}
    present = {*before.present, *new.present} - absent
    if before.absent is None:
        return Labels(tuple(sorted(present)))
    absent |= {*before.absent} - present
    return Labels(tuple(sorted(present)), tuple(sorted(absent)))


def _key(
    path: pathlib.Path, start_s: float | None, end_s: float | None
) -> _Segment:
    return _name(path), start_s, end_s


def _name(path: pathlib.Path) -> str:
    return os.path.abspath(path)
