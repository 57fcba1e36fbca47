"""From the sound of a source to scored windows, as it comes."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import math
import threading
from collections.abc import Generator, Iterable, Iterator

import numpy as np

from audio_diffstride.audio import conversion
from audio_diffstride.listen.sound import Block, Source
from audio_diffstride.listen.tally import Tally
from audio_diffstride.predict import streams
from audio_diffstride.predict.detections import ScoredWindow
from audio_diffstride.predict.windowing import RecordingScorer


def receive(
    source: Source,
    tally: Tally,
    stop: threading.Event,
    limit_s: float = math.inf,
) -> Generator[Block]:
    """Yields the sound of a source until it ends, and counts it.

    Args:
        source: of the sound.
        tally: counts what comes, and what is late or lost.
        stop: ends it.
        limit_s: ends it after so many seconds, to a sample.
    """
    next_frame = 0
    with contextlib.closing(source.blocks()) as blocks:
        for block in blocks:
            _report_problems(source, tally)
            if stop.is_set():
                return
            if block is None:
                tally.idle()
                continue
            if math.isfinite(limit_s):
                frames = round(limit_s * block.rate_hz) - block.start_frame
                samples = block.samples[: max(frames, 0)]
                block = dataclasses.replace(block, samples=samples)
            if not len(block.samples):
                return
            if block.start_frame > next_frame:
                tally.lose(
                    next_frame / block.rate_hz,
                    block.start_frame / block.rate_hz,
                )
            next_frame = block.end_frame
            tally.receive(len(block.samples) / block.rate_hz, source.behind_s)
            yield block
            tally.finish()
    _report_problems(source, tally)


def _report_problems(source: Source, tally: Tally) -> None:
    while source.problems:
        tally.report_problem(source.problems.popleft())


def score(
    blocks: Iterable[Block], scorer: RecordingScorer
) -> Iterator[ScoredWindow]:
    """Scores each window as soon as it is complete.

    A window never spans lost sound. What comes before the loss ends as a
    recording does, with a padded window, and windows begin anew after it.

    Args:
        blocks: the sound.
        scorer: of the model.

    Yields:
        The windows, with sample numbers from the beginning of the sound.
    """
    parts = itertools.groupby(_numbered(blocks), key=lambda pair: pair[0])
    for _, numbered in parts:
        _, first = next(numbered)
        part = itertools.chain([first], (block for _, block in numbered))
        offset = round(first.start_frame * scorer.rate_hz / first.rate_hz)
        samples = streams.resample_blocks(
            (_mono(block, scorer.rate_hz) for block in part),
            first.rate_hz,
            scorer.rate_hz,
        )
        for window in scorer.one_by_one(samples):
            yield dataclasses.replace(
                window,
                start_sample=offset + window.start_sample,
                end_sample=offset + window.end_sample,
            )


def _numbered(blocks: Iterable[Block]) -> Iterator[tuple[int, Block]]:
    """Each block with the number of its part, the sound between two losses."""
    part, next_frame = 0, 0
    for block in blocks:
        part += block.start_frame > next_frame
        next_frame = block.end_frame
        yield part, block


def _mono(block: Block, rate_hz: int) -> np.ndarray:
    """The samples of a block, as recordings are read."""
    if block.rate_hz == rate_hz and block.samples.shape[1] == 1:
        return block.samples[:, 0]
    return conversion.mix_down(block.samples, "the sound")
