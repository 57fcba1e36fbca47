"""A command that puts recordings through a model, from start to end.

It finds the recordings, resumes what is unfinished, computes the rows here or
on Beam, writes the output and lists what was not read to its end.
"""

from __future__ import annotations

import argparse
import collections.abc
import csv
import pathlib
from typing import Generic, TypeVar

from audio_diffstride.backends import beam_jobs
from audio_diffstride.files import atomic, outputs
from audio_diffstride.predict import journal, recordings, streams
from audio_diffstride.terminal.notices import note

_Row = TypeVar("_Row", bound=tuple)
_WorkerT = TypeVar("_WorkerT", bound=recordings.Worker)


class Job(Generic[_Row, _WorkerT]):
    """The recordings and the journal of a command.

    Args:
        args: of the command, after `arguments.check`, with paths, --overwrite
            and the flags of `beam_jobs`.
        row_type: of the rows.
        load: from the arguments to the `Worker`, which may take seconds.

    Attributes:
        paths: of the recordings.
        names: of the recordings, below the folder that was given.

    Raises:
        UserError: for paths without a recording, or bad flags of Beam.
    """

    def __init__(
        self,
        args: argparse.Namespace,
        row_type: type[_Row],
        load: collections.abc.Callable[[argparse.Namespace], _WorkerT],
    ):
        self._pipeline_options = beam_jobs.options(args)
        found = streams.find_recordings(args.paths)
        self.paths = [path for path, _ in found]
        self.names = [name for _, name in found]
        self._args = args
        self._row_type = row_type
        self._load = load

    def run(
        self,
        targets: collections.abc.Iterable[pathlib.Path],
        write: collections.abc.Callable[
            [_WorkerT, journal.Journal[_Row], dict[int, dict]], object
        ],
    ) -> int:
        """Computes all rows and writes the output.

        Args:
            targets: the files that `write` writes.
            write: called with the worker, the journal, and {index: summary} of
                the recordings that could be read.

        Returns:
            The exit status: 1 if a recording was not read to its end.

        Raises:
            UserError: for an output that is there already, or an unfinished
                run that differs.
        """
        args = self._args
        progress = journal.Journal(args.output, self._row_type)
        errors_path = pathlib.Path(f"{args.output}.errors.csv")
        if not progress.exists():  # an unfinished run owns what is there
            outputs.refuse_to_replace([*targets, errors_path], args.overwrite)
        worker = self._load(args)
        for line in worker.notes:
            note(line)
        digest = journal.digest_of_recordings(self.paths)
        with progress.open(worker.run | {journal.RECORDINGS: digest}):
            if args.beam:
                from audio_diffstride.predict import beam

                start = beam.StartWorker(
                    self._load, self._row_type, args, digest
                )
                beam.predict_all(
                    self.paths, start, progress, self._pipeline_options
                )
            else:
                recordings.predict_all(self.paths, worker, progress)
            summaries = [progress.summary(i) for i in range(len(self.paths))]
            _write_errors(errors_path, summaries)
            readable = {
                index: summary
                for index, summary in enumerate(summaries)
                if "error" not in summary
            }
            write(worker, progress, readable)
            progress.remove()
        return _report(args.output, errors_path, summaries)


def _report(
    output: pathlib.Path, errors_path: pathlib.Path, summaries: list[dict]
) -> int:
    """Prints what was done; returns the exit status."""
    readable = [summary for summary in summaries if "error" not in summary]
    cut_off = [summary for summary in readable if "cut_off" in summary]
    seconds = sum(summary["seconds"] for summary in readable)
    num_rows = sum(summary["rows"] for summary in readable)
    print(
        f"{len(readable)} recordings, {seconds:.1f} s of sound, {num_rows} "
        f"rows: {output}"
    )
    num_unreadable = len(summaries) - len(readable)
    if not (num_unreadable or cut_off):
        return 0
    print(f"{num_unreadable} unreadable, {len(cut_off)} cut off: {errors_path}")
    return 1


def _write_errors(path: pathlib.Path, summaries: list[dict]) -> None:
    """Lists what was not read to its end; removes the file if all was."""
    errors = [
        (summary["file"], summary.get("error") or summary.get("cut_off"))
        for summary in summaries
        if "error" in summary or "cut_off" in summary
    ]
    if not errors:
        path.unlink(missing_ok=True)
        return
    with atomic.atomic_file(path) as partial:
        with open(partial, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["file", "error"])
            writer.writerows(errors)
