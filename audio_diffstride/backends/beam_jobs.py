"""Work on many files, distributed over machines by Apache Beam.

A job is a list of small elements, numbers and names, and a function that
writes files for each. Beam may hand out an element again after a worker died,
or to two workers at once. So the function must write the same bytes each
time, and make them appear at once with `atomic.atomic_file`. If the files of
an element are there, it need not write them again.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import logging
import os
import platform
import re
import shlex
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from audio_diffstride.backends import dask_runner
from audio_diffstride.errors import UserError
from audio_diffstride.terminal import packages

# As DirectRunner, which would first try to download another one, Prism.
_DEFAULTS = (
    "--runner=FnApiRunner",
    "--default_sdk_harness_log_level=WARNING",
)
# They print the traceback of a worker's exception.
_LOGGERS = (
    "apache_beam.runners.common",
    "apache_beam.runners.portability.local_job_service",
)
_USER_ERROR = f"{UserError.__module__}.{UserError.__qualname__}"
_KEPT = threading.local()  # of a worker's thread: see `_keep`


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Adds the flags --beam and --beam_options; see `options`."""
    parser.add_argument(
        "--beam",
        action="store_true",
        help="run on Apache Beam, on one or many machines",
    )
    parser.add_argument(
        "--beam_options",
        metavar='"--NAME=VALUE ..."',
        help="Beam's pipeline options, as one argument after =; default: one "
        "worker on this machine",
    )


def options(args: argparse.Namespace) -> Any | None:
    """Parses Beam's pipeline options; None without --beam.

    Args:
        args: with the flags of `add_flags`.

    Raises:
        UserError: if Beam is not installed, or the options cannot be read.
    """
    if not args.beam:
        if args.beam_options is not None:
            raise UserError("--beam_options needs --beam; give both")
        return None
    packages.require("apache_beam", "beam")
    try:
        given = shlex.split(args.beam_options or "")
    except ValueError as error:
        raise UserError(f"--beam_options cannot be read: {error}") from error
    if given and not given[0].startswith("--"):
        raise UserError(
            f"--beam_options begins with {given[0]}, which is no option; give "
            'for example --beam_options="--direct_num_workers=2"'
        )
    with _without_import_warnings():
        from apache_beam.options import pipeline_options

    printed = io.StringIO()
    try:
        with contextlib.redirect_stderr(printed):
            parsed = pipeline_options.PipelineOptions([*_DEFAULTS, *given])
            dask_runner.complete(parsed)
            parsed.get_all_options()
    except SystemExit as error:  # argparse printed its usage and the reason
        last_line = printed.getvalue().strip().splitlines()[-1]
        reason = last_line.partition("error: ")[2]
        raise UserError(f"--beam_options cannot be read: {reason}") from error
    return parsed


@contextlib.contextmanager
def _without_import_warnings() -> Iterator[None]:
    """Hides Beam's warnings about missing packages for Google's cloud."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def run(
    elements: Iterable[tuple],
    start: Callable[[], Callable[[Any], object]],
    pipeline_options: Any,
) -> None:
    """Hands each element to a worker, and returns when all are done.

    Workers run in the folder of this process, so that relative names mean the
    same everywhere.

    Args:
        elements: tuples of numbers and bytes, which fit in this machine's
            memory.
        start: is pickled, and called once by each thread of a worker. It
            returns the function that the thread calls with every element.
        pipeline_options: from `options`.

    Raises:
        UserError: if the job failed.
    """
    import apache_beam as beam

    folder = os.getcwd()
    job = uuid.uuid4().hex

    class Work(beam.DoFn):
        def setup(self) -> None:
            _enter(folder)
            self._work = _keep(job, start)

        def process(self, element: Any) -> None:
            self._work(element)

    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_is_no_user_error)
    try:
        pipeline = beam.Pipeline(options=pipeline_options)
        _ = (
            pipeline
            | beam.Create(elements)
            | beam.Reshuffle()  # else one worker would get them all
            | beam.ParDo(Work())
        )
        _wait(pipeline.run())
    except Exception as error:
        raise _user_error(error) from error


def _keep(job: str, start: Callable[[], Any]) -> Any:
    """What `start` returned at the first call of this thread for the job.

    Some runners set up again for every few elements, and loading a model takes
    seconds. Threads share nothing: not every model may be called by two.
    """
    if getattr(_KEPT, "job", None) != job:
        vars(_KEPT).clear()  # the memory of the last job
        _KEPT.work = start()
        _KEPT.job = job
    return _KEPT.work


def _enter(folder: str) -> None:
    try:
        os.chdir(folder)
    except OSError as error:
        raise UserError(
            f"a worker on {platform.node()} cannot enter {folder}, where the "
            f"command was started: {error.strerror}; start it in a folder "
            "that every machine has"
        ) from error


def _wait(result: Any) -> None:
    with dask_runner.connected(result):
        try:
            result.wait_until_finish()
        except KeyboardInterrupt:
            result.cancel()
            raise


def _is_no_user_error(record: logging.LogRecord) -> bool:
    """Whether to print a traceback: `run` reports user errors without."""
    raised = record.exc_info[0] if record.exc_info else None
    return raised is not UserError and _USER_ERROR not in record.getMessage()


def _user_error(error: Exception) -> UserError:
    r"""One sentence about the exception of a worker, or of Beam.

    >>> _user_error(ValueError("of /a\n File b\nKeyError: 7 [while running x]"))
    UserError('the Beam job failed (KeyError: 7)')
    >>> _user_error(OSError("no scheduler\nat a:1"))
    UserError('the Beam job failed (OSError: no scheduler at a:1)')
    """
    text = str(error.args[0] if len(error.args) == 1 else error)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    lines = [re.sub(r" \[while running .*", "", line) for line in lines]
    if isinstance(error, UserError):
        return UserError(lines[-1])
    for line in lines:
        if line.startswith(f"{_USER_ERROR}: "):
            return UserError(line.partition(": ")[2])
    if not any(line.startswith("File ") for line in lines):
        said = ": ".join([type(error).__name__, *lines[:1]])
        return UserError(
            f"the Beam job failed ({' '.join([said, *lines[1:]])})"
        )
    return UserError(f"the Beam job failed ({lines[-1]})")  # of a traceback
