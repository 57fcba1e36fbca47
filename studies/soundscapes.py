r"""Make soundscapes: spoken digits at known times over environmental noise.

    python -m studies.soundscapes --digits fsdd --noise esc10/manifest.csv \
        --output soundscapes

Speakers and recordings of noise that are in the test split are in no other.
A soundscape is a minute of noise. Up to three digits are spoken at once, each
at -5 to 20 dB above the noise around it. Empty ones have noise alone.

Written to --output: a wav for each soundscape, and

    intervals.csv   path, start_s, end_s, digit, split: a row for each digit,
                    and one without times for each empty soundscape
    clips.csv       the windows of training and validation that have a digit,
                    as clips with several labels: training without background
"""

from __future__ import annotations

import csv
import dataclasses
import pathlib
import sys
from collections.abc import Iterator, Sequence

import numpy as np
import soundfile

from audio_diffstride.audio.reading import read_audio
from audio_diffstride.errors import report_user_errors
from audio_diffstride.files import atomic
from audio_diffstride.recordings import annotation_files, intervals
from audio_diffstride.recordings.intervals import WindowRule
from audio_diffstride.terminal import text_table
from audio_diffstride.terminal.arguments import Parser

RATE_HZ = 16000
LENGTH_S = 60.0
WINDOWS = WindowRule(window_s=1.0, hop_s=0.5)
_AT_ONCE = 3
_SNR_DB = (-5.0, 20.0)
_PAUSE_S = 2.0  # the mean, on each of the lanes that are spoken at once
_NOISE_PEAK = 0.1


@dataclasses.dataclass(frozen=True)
class Split:
    """The sounds of a split.

    Attributes:
        speakers: of the digits.
        folds: of the noise.
        minutes: how many soundscapes with digits.
        empty: how many with noise alone.
    """

    speakers: tuple[str, ...]
    folds: tuple[str, ...]
    minutes: int
    empty: int


SPLITS = {
    "train": Split(
        ("george", "jackson", "nicolas", "yweweler"), ("1", "2", "3"), 48, 12
    ),
    "validation": Split(("lucas",), ("4",), 12, 4),
    "test": Split(("theo",), ("5",), 30, 30),
}


@dataclasses.dataclass(frozen=True)
class Spoken:
    """A digit in a soundscape: when, and which."""

    start_s: float
    end_s: float
    digit: str


def make(
    rng: np.random.Generator,
    noises: Sequence[np.ndarray],
    digits: Sequence[tuple[str, np.ndarray]],
) -> tuple[np.ndarray, list[Spoken]]:
    """Makes a soundscape.

    Args:
        rng: where all that is random comes from.
        noises: the recordings of noise.
        digits: (digit, its sound) to draw from. Without any it is noise alone.

    Returns:
        The samples in [-1, 1], and what is spoken.
    """
    total = round(LENGTH_S * RATE_HZ)
    pieces: list[np.ndarray] = []
    while sum(map(len, pieces)) < total:
        piece = noises[int(rng.integers(len(noises)))]
        peak = max(float(np.abs(piece).max()), 1e-6)
        pieces.append(piece * (_NOISE_PEAK / peak))
    noise = np.concatenate(pieces)[:total]
    sound = noise + 1e-4 * rng.normal(size=total)
    spoken = []
    for _ in range(_AT_ONCE if digits else 0):
        place_s = rng.exponential(_PAUSE_S)
        while True:
            name, voice = digits[int(rng.integers(len(digits)))]
            end_s = place_s + len(voice) / RATE_HZ
            if end_s > LENGTH_S:
                break
            begin = round(place_s * RATE_HZ)
            around = noise[begin : begin + len(voice)]
            level = max(_rms(around), 0.003) / max(_rms(voice), 1e-6)
            gain = level * 10 ** (rng.uniform(*_SNR_DB) / 20)
            sound[begin : begin + len(voice)] += gain * voice
            spoken.append(Spoken(round(place_s, 4), round(end_s, 4), name))
            place_s = end_s + rng.exponential(_PAUSE_S)
    return sound / max(1.0, float(np.abs(sound).max())), sorted(
        spoken, key=lambda each: each.start_s
    )


def _rms(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(samples)))) if len(samples) else 0.0


def _read(path: pathlib.Path) -> np.ndarray:
    return read_audio(path, RATE_HZ) / 32768.0


def _noises(table: pathlib.Path, folds: Sequence[str]) -> list[np.ndarray]:
    with open(table, encoding="utf-8") as file:
        return [
            _read(table.parent / row["path"])
            for row in csv.DictReader(file)
            if row["fold"] in folds
        ]


def _digits(
    folder: pathlib.Path, speakers: Sequence[str]
) -> list[tuple[str, np.ndarray]]:
    return [
        (path.name.split("_")[0], _read(path))
        for path in sorted(folder.glob("*_*_*.*"))
        if path.name.split("_")[1] in speakers
    ]


def _windows_with_digits(table: pathlib.Path) -> Iterator[list[str]]:
    notes: list[str] = []
    annotations = annotation_files.read(table, ["digit"], {}, notes.append)
    for window in intervals.cut(annotations, WINDOWS):
        label = str(window.labels["digit"])
        if label and window.split != "test":
            times = [f"{window.start_s:g}", f"{window.end_s:g}"]
            yield [window.path.name, *times, label, window.split]


def main() -> None:
    """Writes the soundscapes."""
    parser = Parser("python -m studies.soundscapes", __doc__ or "")
    parser.add_argument("--digits", type=pathlib.Path, required=True)
    parser.add_argument("--noise", type=pathlib.Path, required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(sys.argv[1:])
    args.output.mkdir(parents=True)
    header = ["path", "start_s", "end_s", "digit", "split"]
    rows = [header]
    for number, (name, split) in enumerate(SPLITS.items()):
        noises = _noises(args.noise, split.folds)
        digits = _digits(args.digits, split.speakers)
        for index in range(split.minutes + split.empty):
            rng = np.random.default_rng((args.seed, number, index))
            is_empty = index >= split.minutes
            sound, spoken = make(rng, noises, [] if is_empty else digits)
            kind = "empty" if is_empty else "digits"
            file = f"{name}_{kind}_{index:02}.wav"
            soundfile.write(args.output / file, sound, RATE_HZ, "PCM_16")
            rows += [
                [file, f"{s.start_s:.4f}", f"{s.end_s:.4f}", s.digit, name]
                for s in spoken
            ] or [[file, "", "", "", name]]
    table = args.output / "intervals.csv"
    atomic.write_text(table, text_table.to_csv(rows))
    clips = [header, *_windows_with_digits(table)]
    atomic.write_text(args.output / "clips.csv", text_table.to_csv(clips))
    print(f"written: {args.output}, {len(rows) - 1} rows, {len(clips)} clips")


if __name__ == "__main__":
    with report_user_errors():
        main()
