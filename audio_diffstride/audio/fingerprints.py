"""Find recordings of the same sound by fingerprints.

A fingerprint has 32 bits every 8 ms. A bit tells whether the energy
difference of two neighbouring bands grows from one frame to the next. It
survives a gain, a codec, another sample rate and a cut, but seldom noise.

The method is that of Haitsma and Kalker, "A highly robust audio fingerprinting
system", ISMIR 2002, sections 4 and 5. Frames are shorter here, since
recordings are.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence

import numpy as np
import scipy.fft

from audio_diffstride.audio import conversion

_MAX_S = 120
_RATE_HZ = 8000  # twice the highest frequency that is looked at
_FRAME_S = 0.128
_HOP_S = 0.008
_NUM_BITS = 32
_BLOCK_FRAMES = 64  # at a time, so that they stay in the cache
_LOWEST_HZ, _HIGHEST_HZ = 300.0, 4000.0
# Two recordings of the same sound share whole words of 32 bits, at one offset.
_MIN_HITS = 2
_MAX_NEIGHBOURS = 8  # of equal words, in sorted order: hums repeat one word
_MIN_OVERLAP = 30  # frames: 0.36 s of sound
_MAX_BIT_ERRORS = 0.14  # as a share; unrelated recordings have 0.5


def of_beginning(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    """The words of the first two minutes of a recording, at 8 kHz.

    All that is compared must be made by this function.

    Args:
        samples: int16, of shape (samples,).
        rate_hz: sample rate.
    """
    beginning = samples[: round(_MAX_S * rate_hz)].astype(np.float32)
    return fingerprint(
        conversion.resample(beginning, rate_hz, _RATE_HZ), _RATE_HZ
    )


def fingerprint(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    """The words of a recording.

    Args:
        samples: of shape (samples,), of any scale.
        rate_hz: sample rate.

    Returns:
        uint32 of shape (frames,). Frames of silence are 0.
    """
    size = round(_FRAME_S * rate_hz)
    if len(samples) < size:
        return np.zeros(0, np.uint32)
    frames = np.lib.stride_tricks.sliding_window_view(samples, size)
    frames = frames[:: round(_HOP_S * rate_hz)]
    window = np.hanning(size).astype("f4")
    *edges, end = _band_edges(size, rate_hz)
    blocks = []
    for begin in range(0, len(frames), _BLOCK_FRAMES):
        spectrum = scipy.fft.rfft(
            frames[begin : begin + _BLOCK_FRAMES] * window
        )
        power = spectrum.real[:, :end] ** 2 + spectrum.imag[:, :end] ** 2
        blocks.append(np.add.reduceat(power, edges, axis=1))
    bands = np.concatenate(blocks)
    slope = np.diff(bands, axis=1)
    bits = np.diff(slope, axis=0) > 0
    return np.packbits(bits, axis=1, bitorder="little").view("<u4")[:, 0]


def find_copies(
    words: Sequence[np.ndarray],
) -> Iterator[tuple[int, int, float]]:
    """Finds pairs of recordings that share a sound.

    Args:
        words: `fingerprint`s of all recordings.

    Yields:
        (index of one, index of a later one, share of equal bits), once for
        each pair.
    """
    seen: set[tuple[int, int]] = set()
    for first, second, offset in _candidates(words):
        if (first, second) in seen:
            continue
        equal = _equal_bits(words[first], words[second], offset)
        if equal >= 1 - _MAX_BIT_ERRORS:
            seen.add((first, second))
            yield first, second, equal


@functools.cache
def _band_edges(size: int, rate_hz: int) -> np.ndarray:
    highest_hz = min(_HIGHEST_HZ, 0.95 * rate_hz / 2)
    edges_hz = np.geomspace(_LOWEST_HZ, highest_hz, _NUM_BITS + 2)
    return np.round(edges_hz * size / rate_hz).astype(int)


def _candidates(
    words: Sequence[np.ndarray],
) -> list[tuple[int, int, int]]:
    """(first, second, offset) of pairs with equal words, most words first."""
    owner = np.repeat(np.arange(len(words)), [len(w) for w in words])
    place = np.concatenate([np.arange(len(w)) for w in words] or [owner])
    word = np.concatenate([*words, np.zeros(0, np.uint32)])
    chosen = np.flatnonzero(word)  # not silence
    order = chosen[np.lexsort((owner[chosen], word[chosen]))]
    pairs = []
    for step in range(1, _MAX_NEIGHBOURS + 1):
        one, other = order[:-step], order[step:]
        same = (word[one] == word[other]) & (owner[one] != owner[other])
        one, other = one[same], other[same]
        offset = place[other] - place[one]
        pairs.append(np.stack([owner[one], owner[other], offset], axis=1))
    together = np.concatenate([*pairs, np.zeros((0, 3), int)])
    found, hits = np.unique(together, axis=0, return_counts=True)
    ranked = np.flatnonzero(hits >= _MIN_HITS)
    ranked = ranked[np.argsort(-hits[ranked], kind="stable")]
    return [tuple(row) for row in found[ranked].tolist()]


def _equal_bits(one: np.ndarray, other: np.ndarray, offset: int) -> float:
    """The share of equal bits where the two overlap; 0 for a short overlap."""
    start = max(0, -offset)
    end = min(len(one), len(other) - offset)
    if end - start < _MIN_OVERLAP:
        return 0.0
    differing = one[start:end] ^ other[start + offset : end + offset]
    return 1 - float(np.bitwise_count(differing).mean()) / _NUM_BITS
