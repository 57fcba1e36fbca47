"""Sound as it comes from a source."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Generator
from typing import Protocol

import numpy as np

IDLE_S = 0.1  # a source without sound for so long says so
BLOCK_S = 0.1
MAX_BLOCKS = 600  # that wait to be scored: a minute of a microphone


@dataclasses.dataclass(frozen=True)
class Block:
    """A part of the sound.

    Attributes:
        rate_hz: sample rate, the same in all blocks of a source.
        start_frame: where it begins. Frames before it that were in no block
            are lost.
        samples: int16, of shape (frames, channels).
    """

    rate_hz: int
    start_frame: int
    samples: np.ndarray

    @property
    def end_frame(self) -> int:
        """Where the next block begins, unless sound is lost."""
        return self.start_frame + len(self.samples)


class Source(Protocol):
    """Where sound comes from.

    Attributes:
        name: of the source, in the rows and in messages.
        problems: a sentence for each loss that no block shows. Whoever reads
            one takes it away.
    """

    name: str
    problems: collections.deque[str]

    @property
    def behind_s(self) -> float:
        """Seconds of sound that wait to be scored, if it comes live."""

    def blocks(self) -> Generator[Block | None, None, None]:
        """Yields the sound, and None when nothing came for `IDLE_S`."""
