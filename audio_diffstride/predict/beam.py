"""The rows of many recordings on several machines, by Apache Beam.

The workers finish recordings in the journal, as the local command does. The
command then puts the output together. So the output has the same bytes as
without Beam. A recording that Beam hands out twice appears once, and a killed
job resumes after the last finished recording.

One worker takes one whole recording at a time, however long it is.
"""

from __future__ import annotations

import argparse
import collections.abc
import os
import sys
from typing import Any, Generic, TypeVar

from audio_diffstride.backends import beam_jobs
from audio_diffstride.errors import UserError
from audio_diffstride.predict import journal, recordings

_Row = TypeVar("_Row", bound=tuple)


def predict_all(
    paths: list[str],
    start: StartWorker[_Row],
    progress: journal.Journal[_Row],
    pipeline_options: Any,
) -> None:
    """Finishes the recordings that the journal lacks.

    Args:
        paths: all recordings.
        start: starts a worker.
        progress: the journal, open.
        pipeline_options: Beam's.

    Raises:
        UserError: if the job failed. Finished recordings are kept.
    """
    left = [i for i in range(len(paths)) if not progress.is_finished(i)]
    if left:
        # File names are bytes, and not always text.
        elements = [(index, os.fsencode(paths[index])) for index in left]
        beam_jobs.run(elements, start, pipeline_options)
    for index in left:
        if not progress.is_finished(index):
            raise UserError(
                f"the Beam job ended, but {paths[index]} is not finished in "
                f"{progress.folder}; every machine must have that folder at "
                "the same place"
            )
        if line := recordings.warning(progress.summary(index)):
            print(line, file=sys.stderr)


class StartWorker(Generic[_Row]):
    """Starts a worker: loads the model and joins the command's run.

    Args:
        load: from the arguments to what computes the rows. Beam pickles it, so
            it is a function of a module.
        row_type: of the rows.
        args: of the command. The worker must find its files at the same
            places.
        digest: of the recordings.
    """

    def __init__(
        self,
        load: collections.abc.Callable[
            [argparse.Namespace], recordings.Worker[_Row]
        ],
        row_type: type[_Row],
        args: argparse.Namespace,
        digest: str,
    ):
        self._load = load
        self._row_type = row_type
        self._args = args
        self._digest = digest

    def __call__(
        self,
    ) -> collections.abc.Callable[[tuple[int, bytes]], None]:
        """Returns the function that finishes an (index, path as bytes)."""
        worker = self._load(self._args)
        run = worker.run | {journal.RECORDINGS: self._digest}
        progress = journal.Journal(self._args.output, self._row_type)

        def predict(element: tuple[int, bytes]) -> None:
            progress.join(run)  # each time: the run may have ended since
            index, path = element
            if progress.is_finished(index):  # Beam hands it out again
                return
            recordings.predict_recording(
                index, os.fsdecode(path), worker, progress
            )

        return predict
