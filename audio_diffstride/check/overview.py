"""How many recordings there are, how long, and at which sample rate."""

from __future__ import annotations

import collections
import pathlib
from collections.abc import Sequence

import numpy as np

from audio_diffstride.audio.reading import SAMPLE_RATE_HZ
from audio_diffstride.check.sounds import Checked
from audio_diffstride.config import config_fields
from audio_diffstride.datasets.kinds import ONE_LABEL
from audio_diffstride.datasets.store_files import SPLITS
from audio_diffstride.errors import UserError, join_some
from audio_diffstride.recordings import classes, manifest
from audio_diffstride.recordings.recording import Recording

_WINDOW_S = config_fields.FIELDS["window_s"].default
_FEW = 10  # recordings of a class to train on


class Overview:
    """Collects lengths and sample rates while recordings are decoded."""

    def __init__(self) -> None:
        self._lengths_s: list[float] = []
        self._rates_hz: dict[pathlib.Path, int] = {}

    def collect(self, checked: Checked) -> Checked:
        """Passes what was measured on, and keeps lengths and rates."""
        for recording, sound in checked:
            if not isinstance(sound, UserError):
                self._lengths_s.append(sound.length_s)
                self._rates_hz[recording.path] = sound.file_rate_hz
            yield recording, sound

    def describe_lengths(self) -> list[str]:
        """The distribution, and what it means for windows."""
        if not self._lengths_s:
            return []
        lengths_s = np.array(self._lengths_s)
        half_s, most_s = np.percentile(lengths_s, [50, 90])
        shorter = np.mean(lengths_s < _WINDOW_S)
        lines = [
            f"length: {lengths_s.min():.2f} to {lengths_s.max():.2f} s, half "
            f"of them below {half_s:.2f} s, nine in ten below {most_s:.2f} s"
        ]
        if shorter > 0.5:
            lines.append(
                f"windows: {shorter:.0%} are shorter than the window of "
                f"{_WINDOW_S:g} s and padded; nine in ten fit in "
                f"--config.window_s={np.ceil(most_s * 10) / 10:g}"
            )
        elif half_s > 2 * _WINDOW_S:
            lines.append(
                f"windows: training sees random windows of {_WINDOW_S:g} s; "
                "if a sound needs more, set --config.window_s"
            )
        return lines

    def describe_rates(self) -> list[str]:
        """The sample rates of the files, and what they mean for the band."""
        rates_hz = collections.Counter(self._rates_hz.values())
        if not rates_hz:
            return []
        texts = [
            f"{rate_hz:,} Hz ({number:,})"
            for rate_hz, number in rates_hz.most_common()
        ]
        lines = [f"sample rates: {join_some(texts)}"]
        if max(rates_hz) < SAMPLE_RATE_HZ:
            half_hz = max(rates_hz) // 2
            lines.append(
                f"band: the files hold nothing above {half_hz:,} Hz; mel bands "
                "up to there resolve more: "
                f"--config.front_end.max_hz={half_hz}"
            )
        return lines


def describe(recordings: Sequence[Recording]) -> list[str]:
    """The numbers of recordings of each split and class."""
    sizes = collections.Counter(r.split for r in recordings)
    counts, kinds = classes.count(recordings), manifest.kinds(recordings)
    lines = [
        f"{len(recordings)} recordings: "
        + ", ".join(f"{sizes[split]} {split}" for split in SPLITS)
    ]
    for task, names in manifest.class_names(recordings).items():
        ranges = []
        for split in SPLITS:
            numbers = [counts[task, split, name] for name in names]
            ranges.append(f"{min(numbers)} to {max(numbers)} {split}")
        several = "" if kinds[task] is ONE_LABEL else ", several at once"
        lines.append(
            f"{task}: {len(names)} classes of {', '.join(ranges)}{several}"
        )
        few = [
            f"{name} ({counts[task, 'train', name]})"
            for name in names
            if counts[task, "train", name] < _FEW
        ]
        if few:
            lines.append(
                f"{task}: fewer than {_FEW} recordings to train on in "
                f"{join_some(few)}"
            )
    return lines
