"""Measure what should not matter about a recording.

A trait is a property that can tell classes apart although no one listens: the
format of the file, the noise floor, the level, the day of the recording.
"""

from __future__ import annotations

import dataclasses
import os
import pathlib
from typing import Any

import numpy as np

from audio_diffstride.audio import reading
from audio_diffstride.errors import UserError
from audio_diffstride.shortcuts import origins

# Longer recordings are measured by their beginning.
_MAX_S = 10.0
_MAX_SAMPLES = 2_000_000
_FRAME_S = 0.025
_BLOCK_FRAMES = 16  # at a time, so that they stay in the cache
# A fall of the mean spectrum by this much is the edge of the bandwidth, unless
# it rises again. Lowpass filters of codecs and resamplers fall further.
_EDGE_DB = 30.0
_EDGE_HZ = 150.0  # within this distance
_SMOOTH_HZ = 400.0
# Equal samples in a row for so long are digital silence.
_SILENCE_S = 0.005
_PAUSE_DB = 30.0  # a frame so far below the loudest one is a pause
_QUIETEST_DB = -140.0
# The floor is a low percentile over time. White noise lies this much above
# it: its power in a bin is distributed exponentially.
_FLOOR_PERCENTILE = 10
_FLOOR_QUARTILE = 25  # over frequencies: a sound fills some of them
_FLOOR_BAND_HZ = (100.0, 4000.0)
_FLOOR_BIAS = -np.log(1 - _FLOOR_PERCENTILE / 100)


@dataclasses.dataclass(frozen=True)
class Traits:
    """What was measured of a recording, or of a segment of it.

    Attributes:
        format: container and codec, as libsndfile names them.
        sample_rate_hz: of the file.
        channels: of the file.
        bits: how many bits of an integer sample are in use. 16 for codecs and
            floats, where it cannot be known.
        bandwidth_hz: where the spectrum breaks off; half of the sample rate if
            it does not.
        silent_share: share of digital silence.
        dc_offset: absolute mean of the samples. Full scale is 1.
        duration_s: length.
        level_db: root mean square, relative to full scale.
        floor_db: level of white noise with the same noise floor.
        pause_s: time before the sound begins.
        name_pattern: the name of the file, digits as 0 and letters as a.
        folder: of the file.
        date: year, month and day as one number, of the file's name or of its
            last change.
    """

    format: str
    sample_rate_hz: int
    channels: int
    bits: int
    bandwidth_hz: float
    silent_share: float
    dc_offset: float
    duration_s: float
    level_db: float
    floor_db: float
    pause_s: float
    name_pattern: str
    folder: str
    date: int


def measure(
    path: str | os.PathLike[str],
    start_s: float | None = None,
    end_s: float | None = None,
) -> Traits:
    """Measures a recording at its own sample rate.

    Args:
        path: of the file.
        start_s: start of the segment; None is the start of the file.
        end_s: end of the segment; None is the end of the file.

    Raises:
        UserError: if the file cannot be read.
    """
    path = pathlib.Path(path)
    with reading.open_recording(path, path) as file:
        rate_hz, channels = file.samplerate, file.channels
        frames = reading.seek_segment(file, str(path), start_s, end_s)
        if frames is None:
            frames = reading.frames_in_header(file)
        wanted = min(round(_MAX_S * rate_hz), _MAX_SAMPLES)
        if frames is not None:
            wanted = min(wanted, frames)
        is_integer = file.subtype.startswith("PCM")
        samples = file.read(
            wanted, "int32" if is_integer else "float32", always_2d=True
        )
        name = f"{file.format} {file.subtype}"
    bits = used_bits(samples) if is_integer else 16
    scale = 2.0**-31 if is_integer else 1.0
    if channels == 1:  # a sum would take as long as the transform
        mono = samples[:, 0].astype(np.float64)
    else:
        mono = samples.sum(axis=1, dtype=np.float64)
    mono *= scale / channels
    if not len(mono) or not np.isfinite(mono).all():
        raise UserError(f"{path} holds no audio samples; remove it")
    power = spectra(mono - mono.mean(), rate_hz)
    return Traits(
        name,
        rate_hz,
        channels,
        bits,
        bandwidth_hz(power, rate_hz),
        silent_share(mono, rate_hz),
        abs(float(mono.mean())),
        (len(mono) if frames is None else frames) / rate_hz,
        _decibels(float(np.mean(mono**2))),
        floor_db(power, rate_hz),
        _pause_s(power, rate_hz),
        origins.name_pattern(path.stem),
        str(path.parent),
        origins.date(path),
    )


def without_class(
    traits: Traits, path: str | os.PathLike[str], label: str
) -> Traits:
    """The traits, without the class in the name and the folder of the file."""
    path = pathlib.Path(path)
    return dataclasses.replace(
        traits,
        name_pattern=origins.name_pattern(path.stem, label),
        folder=origins.folder(path, label),
    )


def spectra(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    """The power of frames of 25 ms or more, by frequency.

    Args:
        samples: of shape (samples,). Full scale is 1.
        rate_hz: sample rate.

    Returns:
        An array of shape (frames, bins). White noise has its variance in
        every bin.
    """
    size = 2 ** int(np.ceil(np.log2(max(_FRAME_S * rate_hz, 16))))
    if len(samples) < size:
        samples = np.pad(samples, (0, size - len(samples)))
    frames = np.lib.stride_tricks.sliding_window_view(samples, size)
    frames = frames[:: size // 2]
    window = np.hanning(size)
    power = np.empty((len(frames), size // 2 + 1))
    for begin in range(0, len(frames), _BLOCK_FRAMES):
        block = slice(begin, begin + _BLOCK_FRAMES)
        spectrum = np.fft.rfft(frames[block] * window, axis=1)
        power[block] = np.abs(spectrum) ** 2
    power /= np.sum(window**2)
    return power


def bandwidth_hz(power: np.ndarray, rate_hz: int) -> float:
    """The frequency where the mean spectrum breaks off for good.

    A sound fades out along frequency. A lowpass filter cuts it off. Tones do
    not count: the lower quartile of a band ignores a few strong frequencies.

    Args:
        power: from `spectra`.
        rate_hz: sample rate.

    Returns:
        The frequency, to 100 Hz. Half of the sample rate without a break.
    """
    mean_db = _decibels(power.mean(axis=0))
    bin_hz = rate_hz / 2 / (len(mean_db) - 1)
    width = max(3, round(_SMOOTH_HZ / bin_hz))
    gap = max(2, round(_EDGE_HZ / bin_hz))
    if len(mean_db) < 2 * width + gap:
        return rate_hz / 2
    bands = np.lib.stride_tricks.sliding_window_view(mean_db, width)
    smooth = np.percentile(bands, 25, axis=1)  # from each bin on
    loudest_above = np.maximum.accumulate(smooth[::-1])[::-1]
    fall = smooth[: -width - gap] - loudest_above[width + gap :]
    (edges,) = np.nonzero(fall > _EDGE_DB)
    if not len(edges):
        return rate_hz / 2
    return round((edges[-1] + width) * bin_hz / 100) * 100.0


def floor_db(power: np.ndarray, rate_hz: int) -> float:
    """The noise floor: the level of white noise with the same floor.

    The floor of a frequency is a low percentile over time. The floor of the
    recording is the lower quartile over the frequencies up to 4 kHz, which
    files of any sample rate have.

    Args:
        power: from `spectra`.
        rate_hz: sample rate.

    Returns:
        Decibels relative to full scale, at least -140.
    """
    bin_hz = rate_hz / 2 / (power.shape[1] - 1)
    low, high = (1 + round(hz / bin_hz) for hz in _FLOOR_BAND_HZ)
    band = power[:, min(low, power.shape[1] - 1) : high]
    floor = np.percentile(band, _FLOOR_PERCENTILE, axis=0) / _FLOOR_BIAS
    return max(
        _decibels(float(np.percentile(floor, _FLOOR_QUARTILE))), _QUIETEST_DB
    )


def silent_share(samples: np.ndarray, rate_hz: int) -> float:
    """The share of samples inside 5 ms or more of equal samples.

    >>> silent_share(np.repeat([0.1, 0.2, 0.3, 0.0], [1, 1, 1, 97]), 16000)
    0.97
    """
    size = max(2, round(_SILENCE_S * rate_hz))
    equal = samples[1:] == samples[:-1]
    if not equal.any():
        return 0.0
    edges = np.flatnonzero(np.diff(equal, prepend=False, append=False))
    lengths = edges[1::2] - edges[::2] + 1
    return float(lengths[lengths >= size].sum() / len(samples))


def used_bits(samples: np.ndarray) -> int:
    """How many of the 32 bits of integer samples are in use, from the top.

    >>> used_bits(np.array([0x12340000, -0x80000000], np.int64))
    14
    """
    union = int(np.bitwise_or.reduce(samples.ravel()))
    union &= 0xFFFFFFFF
    return 32 - ((union & -union).bit_length() - 1) if union else 0


def _pause_s(power: np.ndarray, rate_hz: int) -> float:
    """Seconds before the first frame near the loudest one."""
    energy_db = _decibels(power.sum(axis=1))
    first = int(np.argmax(energy_db >= energy_db.max() - _PAUSE_DB))
    hop_samples = power.shape[1] - 1  # half a frame
    return first * hop_samples / rate_hz


def _decibels(power: Any) -> Any:
    return 10 * np.log10(np.maximum(power, 1e-16))
