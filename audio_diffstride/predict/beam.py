"""Predictions on several machines, by Apache Beam.

The workers finish recordings in the journal, as the local command does. The
command then puts the output together. So the output has the same bytes as
without Beam. A recording that Beam hands out twice appears once, and a killed
job resumes after the last finished recording.

One worker predicts one whole recording at a time, however long it is.
"""

from __future__ import annotations

import argparse
import collections.abc
import os
import sys
from typing import Any

from audio_diffstride.backends import beam_jobs
from audio_diffstride.errors import UserError
from audio_diffstride.predict import journal, recordings


def predict_all(
    paths: list[str],
    args: argparse.Namespace,
    digest: str,
    progress: journal.Journal,
    pipeline_options: Any,
) -> None:
    """Finishes the recordings that the journal lacks.

    Args:
        paths: all recordings.
        args: of the command.
        digest: of the recordings.
        progress: the journal, open.
        pipeline_options: Beam's.

    Raises:
        UserError: if the job failed. Finished recordings are kept.
    """
    left = [i for i in range(len(paths)) if not progress.is_finished(i)]
    if left:
        # File names are bytes, and not always text.
        elements = [(index, os.fsencode(paths[index])) for index in left]
        beam_jobs.run(elements, StartWorker(args, digest), pipeline_options)
    for index in left:
        if not progress.is_finished(index):
            raise UserError(
                f"the Beam job ended, but {paths[index]} is not finished in "
                f"{progress.folder}; every machine must have that folder at "
                "the same place"
            )
        if line := recordings.warning(progress.summary(index)):
            print(line, file=sys.stderr)


class StartWorker:
    """Starts a worker: loads the model and joins the command's run.

    Args:
        args: of the command. The worker must find its files at the same
            places.
        digest: of the recordings.
    """

    def __init__(self, args: argparse.Namespace, digest: str):
        self._args = args
        self._digest = digest

    def __call__(
        self,
    ) -> collections.abc.Callable[[tuple[int, bytes]], None]:
        """Returns the function that finishes an (index, path as bytes)."""
        # TensorFlow: seconds.
        from audio_diffstride.predict.prediction import Prediction

        prediction = Prediction(self._args)
        run = prediction.run | {journal.RECORDINGS: self._digest}
        progress = journal.Journal(self._args.output)

        def predict(element: tuple[int, bytes]) -> None:
            progress.join(run)  # each time: the run may have ended since
            index, path = element
            recordings.predict_recording(
                index, os.fsdecode(path), prediction, progress
            )

        return predict
