"""Recordings into the journal, heard by the workers of Apache Beam.

The journal is where all meets: the workers finish its parts, as the local
command does, and the local command puts the output together. So the outputs
are the same bytes, a recording that was handed out twice is there once, and
a job that was killed goes on after the last finished recording.

A recording is what one worker hears at a time, however long it is.
"""

from __future__ import annotations

import argparse
import collections.abc
import os
import sys

from audio_diffstride.backends import beam_jobs
from audio_diffstride.errors import UserError
from audio_diffstride.predict import hearing, journal


def predict_all(
    paths: list[str],
    args: argparse.Namespace,
    digest: str,
    done: journal.Journal,
    pipeline_options,
):
    """Finishes what the journal, which is open, does not have yet.

    Args:
        paths: of all recordings.
        args: of the command.
        digest: of the recordings.
        done: the journal.
        pipeline_options: Beam's.

    Raises:
        UserError: if the job failed; what is finished is kept.
    """
    left = [i for i in range(len(paths)) if not done.finished(i)]
    if left:
        # Names are bytes: not all of them are text.
        elements = [(index, os.fsencode(paths[index])) for index in left]
        beam_jobs.run(elements, Hearing(args, digest), pipeline_options)
    for index in left:
        if not done.finished(index):
            raise UserError(
                f"the Beam job ended, but {paths[index]} is not finished in "
                f"{done.folder}; every machine must have that folder at the "
                "same place"
            )
        if line := hearing.warning(done.about(index)):
            print(line, file=sys.stderr)


class Hearing:
    """How a worker begins: it loads the model and joins the command's run.

    Args:
        args: of the command, whose files the worker must see at the same
            places.
        digest: of the recordings.
    """

    def __init__(self, args: argparse.Namespace, digest: str):
        self._args = args
        self._digest = digest

    def __call__(self) -> collections.abc.Callable:
        """What finishes an (index, path as bytes) in the journal."""
        from audio_diffstride.predict.prediction import (
            Prediction,  # TensorFlow: seconds
        )

        prediction = Prediction(self._args)
        run = {**prediction.run, "the recordings": self._digest}
        done = journal.Journal(self._args.output)

        def hear(element: tuple[int, bytes]):
            done.join(run)  # each time: it may have been given up since
            index, path = element
            hearing.predict_recording(
                index, os.fsdecode(path), prediction, done
            )

        return hear
