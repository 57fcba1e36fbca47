r"""Draws what a stride throws away, for a page of the site.

    python -m studies.throws_away --notes notes/*.flac --words words/*/*.wav \
        --note notes/guitar_026-043-050.flac --word words/happy/x.wav \
        --output docs/why

Written to --output: throws_away.png and throws_away.csv. The picture shows a
note along frequency and a word along time, before and after each way to
downsample by 2. The table has the share that a stride of 2 throws away, of all
recordings that are given.
"""

from __future__ import annotations

import argparse
import dataclasses
import pathlib
import statistics
from typing import Any

import numpy as np
import scipy.signal

from audio_diffstride.audio.reading import read_audio
from audio_diffstride.files import atomic, figures

STRIDE = 2
NUM_LOW_BANDS = 32  # below 1.1 kHz, where mel bands are equally wide in Hz
_RATE_HZ = 16_000
_LOUD = slice(20, 60)  # frames of a note or a word that are not silent
_OCTAVES = ((36, 47), (48, 59), (60, 71), (72, 84))  # MIDI pitches
WAYS = (
    "strided convolution",
    "spectral pooling",
    "DiffStride",
    "DiffStride, folding 0.5",
)


@dataclasses.dataclass(frozen=True)
class Profile:
    """A line through a log-mel spectrogram.

    Attributes:
        title: for the picture.
        unit: of its axis.
        values: the levels along the axis.
    """

    title: str
    unit: str
    values: np.ndarray


def along_frequency(spectrogram: np.ndarray, title: str) -> Profile:
    """The mean over loud frames, in the low bands.

    Args:
        spectrogram: of shape (frames, bands).
        title: for the picture.
    """
    values = spectrogram[_LOUD].mean(0)[:NUM_LOW_BANDS]
    return Profile(title, "mel band", values)


def along_time(spectrogram: np.ndarray, title: str) -> Profile:
    """The mean over all bands, in each frame."""
    return Profile(title, "frame of 10 ms", spectrogram.mean(1))


def spectrum(values: np.ndarray) -> np.ndarray:
    """The amplitudes of a profile's ripples, from 0 to half a cycle per step.

    A line is subtracted, and a Hann window fades the ends. Both would spread
    over all ripples otherwise.
    """
    flat = scipy.signal.detrend(values) * np.hanning(len(values))
    return np.abs(np.fft.rfft(flat)) / len(values) * 4


def thrown_away(values: np.ndarray) -> float:
    """The share of a profile's power beyond the cut-off of a stride of 2.

    >>> steps = np.arange(32)
    >>> round(thrown_away(np.cos(2 * np.pi * 0.4 * steps)), 2)
    1.0
    >>> round(thrown_away(np.cos(2 * np.pi * 0.1 * steps)), 2)
    0.0
    """
    power = spectrum(values) ** 2
    cut_off = len(values) // (2 * STRIDE)
    return float(power[cut_off + 1 :].sum() / power.sum())


def downsample(values: np.ndarray, way: str) -> np.ndarray:
    """A profile downsampled by 2, in one of `WAYS`."""
    from audio_diffstride.layers import DiffStride, SpectralPooling

    if way == "strided convolution":
        return values[::STRIDE]
    layer: Any = SpectralPooling(STRIDE)
    if way.startswith("DiffStride"):
        folding = 0.5 if way.endswith("0.5") else 0.0
        layer = DiffStride(STRIDE, transition_band="inside", folding=folding)
    return np.array(layer(values[None, :, None].astype("float32")))[0, :, 0]


def draw(profiles: list[Profile], path: pathlib.Path) -> None:
    """Draws a row of profiles and a row of spectra for each profile."""
    import matplotlib.figure

    figure = matplotlib.figure.Figure(
        figsize=(13, 4.6 * len(profiles)), layout="constrained"
    )
    for part, profile in zip(
        figure.subfigures(len(profiles), squeeze=False).ravel(), profiles
    ):
        share = 100 * thrown_away(profile.values)
        part.suptitle(
            f"{profile.title}: {share:.1f} % of its power changes too fast for "
            f"a stride of {STRIDE}",
            fontsize="large",
        )
        panels = part.subplots(2, len(WAYS), sharex="row", sharey="row")
        for column, way in zip(panels.T, WAYS):
            after = downsample(profile.values, way)
            _draw_profile(column[0], profile, after)
            _draw_spectrum(column[1], profile, after)
            column[0].set_title(way)
        for row in panels:
            row[0].legend(fontsize="small")
        panels[0, 0].set_ylabel("log of mel power")
        panels[1, 0].set_ylabel("amplitude of ripple")
    figures.save_png(figure, path, 80)


def _draw_profile(axes: Any, profile: Profile, after: np.ndarray) -> None:
    axes.plot(profile.values, color="0.7", label="before")
    places = np.arange(len(after)) * len(profile.values) / len(after)
    axes.plot(places, after, ".-", color="C0", label="after")
    axes.set_xlabel(profile.unit)


def _draw_spectrum(axes: Any, profile: Profile, after: np.ndarray) -> None:
    before = spectrum(profile.values)
    ripples = np.arange(len(before)) / len(profile.values)
    axes.fill_between(ripples, before, color="0.85", label="before")
    new = spectrum(after)
    places = np.arange(len(new)) / len(after) / STRIDE
    axes.plot(places, new, ".-", color="C0", label="after")
    axes.axvline(0.5 / STRIDE, color="C3", linestyle="--", label="cut-off")
    axes.set_xlabel(f"cycles per {profile.unit.split(' of')[0]}")


def shares(
    notes: dict[str, np.ndarray], words: dict[str, np.ndarray]
) -> list[dict[str, Any]]:
    """The median share that is thrown away, of several kinds of recordings.

    Args:
        notes: {name: spectrogram}. Names are like notes/bass_032-036-120:
            the MIDI pitch is in the middle.
        words: {name: spectrogram}.
    """
    kinds: dict[str, list[Profile]] = {}
    for name, spectrogram in notes.items():
        octave = (int(name.split("-")[1]) - 36) // 12
        low, high = _OCTAVES[min(octave, len(_OCTAVES) - 1)]
        kind = f"notes along frequency, MIDI {low} to {high}"
        profile = along_frequency(spectrogram, name)
        kinds.setdefault(kind, []).append(profile)
    for name, spectrogram in words.items():
        kinds.setdefault("words along time", []).append(
            along_time(spectrogram, name)
        )
        kinds.setdefault("words along frequency", []).append(
            along_frequency(spectrogram, name)
        )
    return [
        {
            "what": kind,
            "recordings": len(profiles),
            "median_share": round(
                statistics.median(thrown_away(p.values) for p in profiles), 3
            ),
        }
        for kind, profiles in sorted(kinds.items())
    ]


def spectrograms(paths: list[str]) -> dict[str, np.ndarray]:
    """{name: spectrogram of its first second}; see `name_of`."""
    from audio_diffstride.layers import LogMelSpectrogram

    front_end = LogMelSpectrogram()
    found = {}
    for path in paths:
        samples = read_audio(path, _RATE_HZ)[:_RATE_HZ]
        samples = np.pad(samples, (0, _RATE_HZ - len(samples)))
        found[name_of(path)] = np.array(front_end(samples[None]))[0, :, :, 0]
    return found


def name_of(path: str) -> str:
    """The folder and the name of a recording, without its suffix."""
    return "/".join(pathlib.Path(path).with_suffix("").parts[-2:])


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notes", nargs="+", required=True)
    parser.add_argument("--words", nargs="+", required=True)
    parser.add_argument("--note", required=True, help="the note to draw")
    parser.add_argument("--word", required=True, help="the word to draw")
    parser.add_argument("--output", type=pathlib.Path, required=True)
    args = parser.parse_args()
    (note,) = spectrograms([args.note]).values()
    (word,) = spectrograms([args.word]).values()
    draw(
        [
            along_frequency(
                note, f"A low note along frequency ({name_of(args.note)})"
            ),
            along_time(word, f"A word along time ({name_of(args.word)})"),
        ],
        args.output / "throws_away.png",
    )
    rows = shares(spectrograms(args.notes), spectrograms(args.words))
    atomic.write_rows(args.output / "throws_away.csv", rows)
    for row in rows:
        print(row)


if __name__ == "__main__":
    main()
