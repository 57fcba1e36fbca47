"""Listening to one source, from its first sound to the last line."""

from __future__ import annotations

import argparse
import collections
import contextlib
import itertools
import math
import sys
from collections.abc import Iterable, Iterator

import numpy as np

from audio_diffstride.errors import UserError
from audio_diffstride.listen import hearing
from audio_diffstride.listen.display import Display
from audio_diffstride.listen.sound import Block, Source
from audio_diffstride.listen.stopping import stop_event
from audio_diffstride.listen.tally import Tally
from audio_diffstride.predict import formats
from audio_diffstride.predict.choosing import Chooser
from audio_diffstride.predict.detections import Detection, Ongoing
from audio_diffstride.terminal.notices import note


def listen(args: argparse.Namespace, source: Source) -> int:
    """Listens until the sound ends or the user stops it.

    Args:
        args: of the command, checked.
        source: of the sound.

    Returns:
        The exit status: 1 if sound was lost.

    Raises:
        UserError: if the model cannot be used, or there is no sound.
    """
    choose = Chooser(args)
    for line in choose.notes:
        note(line)
    _warm_up(choose)
    with stop_event() as stop:
        display = Display(choose.classes, choose.has_limits, stop)
        tally = Tally(source.name, display.warn)
        note(f"listening to {source.name}; Ctrl-C ends it")
        limit_s = math.inf if args.seconds is None else args.seconds
        blocks = hearing.receive(source, tally, stop, limit_s)
        with contextlib.closing(blocks):
            first = next(blocks, None)
            if first is not None:
                rows = _detections(
                    itertools.chain([first], blocks),
                    choose,
                    args.merge,
                    display,
                    tally,
                )
                band_hz = choose.band_hz(first.rate_hz)
                _write(args, source.name, rows, band_hz, len(choose.classes))
            elif not stop.is_set():
                raise UserError(f"{source.name} gave no sound")
        display.clear()
    output = "" if args.output is None or first is None else f": {args.output}"
    summary, *rest = tally.lines()
    print("\n".join([f"{summary}{output}", *rest]), file=sys.stderr)
    return 0 if tally.is_complete else 1


def _warm_up(choose: Chooser) -> None:
    """Compiles the model before the first sound."""
    silence = np.zeros(choose.score.window_samples, np.int16)
    collections.deque(choose.score.one_by_one([silence]), maxlen=0)


def _detections(
    blocks: Iterable[Block],
    choose: Chooser,
    merges: bool,
    display: Display,
    tally: Tally,
) -> Iterator[Detection]:
    """Yields the detections in the sound, and shows them once written."""
    ongoing = Ongoing()

    def shown(rows: list[Detection]) -> Iterator[Detection]:
        for row in rows:
            yield row
            tally.detections += 1
            display.show_detection(row)

    for window in hearing.score(blocks, choose.score):
        rows = choose(window)
        if merges:
            start_s = window.start_sample / choose.score.rate_hz
            rows = ongoing.add(start_s, rows)
        yield from shown(rows)
        display.show_scores(
            window.end_sample / choose.score.rate_hz, choose.scores(window)
        )
    yield from shown(ongoing.rest())


def _write(
    args: argparse.Namespace,
    name: str,
    rows: Iterator[Detection],
    band_hz: tuple[float, float],
    num_tasks: int,
) -> None:
    """Writes each row as it comes."""
    if args.output is None:
        collections.deque(rows, maxlen=0)
        return
    args.output.parent.mkdir(parents=True, exist_ok=True)
    if args.format in formats.TABLES:
        named = ((name, row) for row in rows)
        formats.write_table(args.output, named, args.format, at_once=True)
        return
    formats.write_recording(
        args.output,
        args.format,
        name,
        rows,
        band_hz,
        num_tasks > 1,
        at_once=True,
    )
