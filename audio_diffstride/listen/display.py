"""What the terminal shows while the sound comes."""

from __future__ import annotations

import os
import shutil
import sys
import threading

import numpy as np
from tqdm.std import Bar
from tqdm.utils import disp_trim

from audio_diffstride.errors import one_line
from audio_diffstride.predict.detections import Detection
from audio_diffstride.terminal import notices

_BAR_WIDTH = 10
_SHOWN_CLASSES = 3  # of one task; of several tasks only the best of each
_CLEAR = "\r\x1b[K"


class Display:
    """A line on standard output per detection, and a line of scores.

    The line of scores is on standard error, if that is a terminal. Each window
    replaces it.

    Args:
        classes: {task: class names}.
        prints_detections: whether detections have lines on a terminal too.
        stop: set when nobody reads standard output any more.
    """

    def __init__(
        self,
        classes: dict[str, list[str]],
        prints_detections: bool,
        stop: threading.Event,
    ):
        self._classes = {
            task: [one_line(name) for name in names]
            for task, names in classes.items()
        }
        self._prints = prints_detections or not sys.stdout.isatty()
        self._has_scores = sys.stderr.isatty()
        self._stop = stop
        self._is_shown = False
        encoding = (sys.stderr.encoding or "").lower()
        self._charset = Bar.UTF if encoding.startswith("utf") else Bar.ASCII

    def show_scores(self, end_s: float, scores: dict[str, np.ndarray]) -> None:
        """Replaces the line of scores by those of a window.

        Args:
            end_s: where the window ends.
            scores: {task: those of all classes}.
        """
        if not self._has_scores:
            return
        count = _SHOWN_CLASSES if len(self._classes) == 1 else 1
        parts = [clock(end_s)]
        for task, names in self._classes.items():
            best = np.argsort(-scores[task], kind="stable")[:count].tolist()
            highest = min(max(float(scores[task][best[0]]), 0.0), 1.0)
            parts.append(
                f"|{Bar(highest, _BAR_WIDTH, self._charset)}| "
                + "   ".join(f"{scores[task][i]:.2f} {names[i]}" for i in best)
            )
        columns = shutil.get_terminal_size().columns
        line = disp_trim("  ".join(parts), columns - 1)
        print(f"{_CLEAR}{line}", end="", file=sys.stderr, flush=True)
        self._is_shown = True

    def show_detection(self, row: Detection) -> None:
        """Prints a detection."""
        if not self._prints:
            return
        self.clear()
        task = f"  {one_line(row.task)}" if len(self._classes) > 1 else ""
        try:
            print(
                f"{clock(row.start_s)} - {clock(row.end_s)}{task}  "
                f"{row.score:.2f}  {one_line(row.label)}",
                flush=True,
            )
        except BrokenPipeError:  # as of `listen | head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            self._prints = False
            self._stop.set()

    def warn(self, sentence: str) -> None:
        """Prints a warning."""
        self.clear()
        notices.warn(sentence)

    def clear(self) -> None:
        """Removes the line of scores."""
        if self._is_shown:
            print(_CLEAR, end="", file=sys.stderr, flush=True)
            self._is_shown = False


def clock(seconds: float) -> str:
    """A time since the start.

    >>> clock(3.25), clock(75), clock(3 * 3600 + 59.96)
    ('0:03.25', '1:15.00', '3:00:59.96')
    """
    hundredths = round(seconds * 100)
    minutes, hundredths = divmod(hundredths, 6000)
    hours, minutes = divmod(minutes, 60)
    rest = f"{hundredths // 100:02}.{hundredths % 100:02}"
    return f"{hours}:{minutes:02}:{rest}" if hours else f"{minutes}:{rest}"
