"""What was heard, and what was late or lost: counted, and said at once."""

from __future__ import annotations

import time
from collections.abc import Callable

from audio_diffstride.terminal.durations import duration

_STALL_S = 1.0  # a longer wait for sound is reported
_BEHIND_S = 1.0  # and so much sound that waits to be scored
_PACE_S = 10.0  # of sound, over which the model's pace is taken


class Tally:
    """Counts the sound of one source.

    Args:
        name: of the source.
        warn: called at once with a sentence for what is late or lost.
        clock: the time in seconds.

    Attributes:
        heard_s: seconds of sound that were scored.
        lost_s: seconds that were lost.
        problems: losses of unknown length.
        detections: how many were found.
    """

    def __init__(
        self,
        name: str,
        warn: Callable[[str], object],
        clock: Callable[[], float] = time.monotonic,
    ):
        self._name, self._warn, self._clock = name, warn, clock
        self.heard_s = self.lost_s = 0.0
        self.problems = self.detections = 0
        self._gaps = 0
        self._begun = self._waiting_since = clock()
        self._is_stalled = False
        self._stalls, self._stalled_s = 0, 0.0
        self._behind_s = 0.0
        self._next_warning_s = _BEHIND_S
        self._busy_s = self._busy_before_s = self._heard_before_s = 0.0
        self._is_slow = False

    def idle(self) -> None:
        """No sound has come."""
        waited_s = self._clock() - self._waiting_since
        if waited_s > _STALL_S and not self._is_stalled:
            self._is_stalled = True
            if self.heard_s:
                self._stalls += 1
                self._warn(f"no sound from {self._name} for {_STALL_S:g} s")
            else:
                self._warn(f"waiting for sound from {self._name}")

    def receive(self, seconds: float, behind_s: float) -> None:
        """Sound has come; its windows are about to be scored.

        Args:
            seconds: of it.
            behind_s: seconds of sound that wait behind it.
        """
        now = self._clock()
        if not self.heard_s:
            self._begun = now
        elif self._is_stalled:
            self._stalled_s += now - self._waiting_since
        self._is_stalled = False
        self._waiting_since = now
        self.heard_s += seconds
        if behind_s > self._behind_s:
            self._behind_s = behind_s
            if behind_s > self._next_warning_s:
                self._next_warning_s = 2 * behind_s
                self._warn(
                    f"the scores are {behind_s:.1f} s late; a longer --hop_s "
                    "takes less time"
                )

    def finish(self) -> None:
        """Its windows are scored."""
        now = self._clock()
        self._busy_s += now - self._waiting_since
        self._waiting_since = now
        heard_s = self.heard_s - self._heard_before_s
        if heard_s < _PACE_S:
            return
        pace = (self._busy_s - self._busy_before_s) / heard_s
        self._heard_before_s, self._busy_before_s = self.heard_s, self._busy_s
        if pace > 1 and not self._is_slow:
            self._is_slow = True
            self._warn(
                f"a second of sound takes {pace:.1f} s to score, so live sound "
                "would be late; give a longer --hop_s"
            )

    def lose(self, start_s: float, end_s: float) -> None:
        """Sound is lost, from `start_s` to `end_s`."""
        self._gaps += 1
        self.lost_s += end_s - start_s
        self._warn(
            f"{end_s - start_s:.1f} s of sound are lost, from {start_s:.1f} to "
            f"{end_s:.1f} s"
        )

    def report_problem(self, sentence: str) -> None:
        """Sound is lost, of unknown length."""
        self.problems += 1
        self._warn(sentence)

    @property
    def is_complete(self) -> bool:
        """Whether nothing was lost."""
        return not (self.problems or self._gaps)

    def lines(self) -> list[str]:
        """What a user should know at the end."""
        lines = [
            f"{self.heard_s:.1f} s of sound in "
            f"{self._clock() - self._begun:.1f} s, {self.detections} "
            f"detection{'s' * (self.detections != 1)}"
        ]
        if self._gaps:
            lines.append(
                f"lost: {self.lost_s:.1f} s of sound in {self._gaps} "
                f"place{'s' * (self._gaps != 1)}"
            )
        if self.problems:
            lines.append(
                f"lost: sound of unknown length, {self.problems} "
                f"time{'s' * (self.problems != 1)}"
            )
        if self._stalls:
            lines.append(
                f"late: {self._stalls} wait{'s' * (self._stalls != 1)} for "
                f"sound, {duration(self._stalled_s)} in all"
            )
        if self._behind_s > _BEHIND_S:
            lines.append(f"late: scores up to {self._behind_s:.1f} s")
        return lines
