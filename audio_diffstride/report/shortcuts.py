"""What tells the classes apart without the sound, for the page."""

from __future__ import annotations

from typing import Any

from audio_diffstride.recordings import shortcut_file
from audio_diffstride.report.run import Run
from audio_diffstride.shortcuts import wording


def describe(run: Run) -> list[dict[str, Any]]:
    """The examination of every task of own recordings.

    Returns:
        For each task: its "task", a "summary", the "rows" of the table, the
        "advice" on what was found, and the traits that are "equal".
    """
    return [
        {
            "task": task,
            "summary": wording.summarize(found),
            "rows": [
                (
                    row.trait,
                    wording.verdict(row),
                    wording.which(row),
                    f"{row.told:.0%}",
                    f"{row.share:.0%}",
                )
                for row in found.rows
            ],
            "advice": [wording.advise(row, task) for row in found.found],
            "equal": ", ".join(found.equal),
        }
        for store in run.stores
        for task, found in (shortcut_file.read(store.path) or {}).items()
        if found and task in run.model.tasks
    ]
