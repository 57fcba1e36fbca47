"""How the labels of own recordings are read, beyond what the tables say."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from audio_diffstride.config.field_types import split_names
from audio_diffstride.datasets.kinds import BACKGROUND, Labels, present
from audio_diffstride.errors import UserError, join_some
from audio_diffstride.recordings.intervals import WindowRule
from audio_diffstride.recordings.recording import Recording

INTERVALS = "intervals"


@dataclasses.dataclass(frozen=True)
class LabelRule:
    """How labels are read.

    Attributes:
        windows: how windows are cut out of annotated recordings. None means
            that a row is a clip with its labels.
        background: the names of classes that are background.
    """

    windows: WindowRule | None = None
    background: tuple[str, ...] = ()

    @classmethod
    def of_config(cls, config: Any) -> LabelRule:
        """The rule of a config: `data.annotations`, `data.background_class`."""
        data = config.data
        windows = None
        if data.annotations == INTERVALS:
            windows = WindowRule(
                config.window_s,
                data.annotation_hop_s or config.window_s / 2,
                data.annotation_overlap,
            )
        return cls(windows, tuple(split_names(data.background_class)))

    def mark_background(
        self, recordings: Sequence[Recording]
    ) -> list[Recording]:
        """Gives all background one name; with several labels it has none.

        Raises:
            UserError: if no recording has a class that `background` names.

        >>> import pathlib
        >>> recording = Recording(pathlib.Path("a.wav"), {"bird": "wind"})
        >>> rule = LabelRule(background=("wind",))
        >>> rule.mark_background([recording])[0].labels
        {'bird': '_background'}
        """
        classes = {
            name
            for recording in recordings
            for label in recording.labels.values()
            for name in present(label)
        }
        for name in self.background:
            if name not in classes:
                raise UserError(
                    f"data.background_class is {name!r}, but the classes are "
                    f"{join_some(sorted(classes), 10)}; name one of them"
                )
        names = {*self.background, BACKGROUND}
        if not names & classes:
            return [*recordings]
        return [
            dataclasses.replace(
                recording,
                labels={
                    task: _mark(label, names)
                    for task, label in recording.labels.items()
                },
            )
            for recording in recordings
        ]


def _mark(label: str | Labels, names: set[str]) -> str | Labels:
    if isinstance(label, str):
        return BACKGROUND if label in names else label
    left = tuple(name for name in label.present if name not in names)
    absent = label.absent and tuple(n for n in label.absent if n not in names)
    return Labels(left, absent)
