"""Work on many files, spread over machines by Apache Beam.

A job is a list of small elements, names and numbers, and work on each that
leaves files. An element that Beam hands out again after a worker died, or to
two workers at once, is worked on again: it must leave the same bytes, and
`atomic.atomic_path` makes them appear at once.
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

from audio_diffstride.errors import UserError
from audio_diffstride.terminal import packages

# DirectRunner, without its search for another runner, Prism, to download.
_DEFAULTS = (
    "--runner=FnApiRunner",
    "--default_sdk_harness_log_level=WARNING",
)
# Where Beam tells a worker's exception with its traceback.
_LOGGERS = (
    "apache_beam.runners.common",
    "apache_beam.runners.portability.local_job_service",
)
_USER_ERROR = f"{UserError.__module__}.{UserError.__qualname__}"


def add_flags(parser: argparse.ArgumentParser):
    """Adds --beam and --beam_options, which `options` takes."""
    parser.add_argument(
        "--beam",
        action="store_true",
        help="let Apache Beam do the work, on other machines too",
    )
    parser.add_argument(
        "--beam_options",
        metavar='"--NAME=VALUE ..."',
        help="Beam's pipeline options, as one argument with =; default: this "
        "machine, one worker",
    )


def options(args: argparse.Namespace):
    """Beam's options, or None if Beam is not wanted.

    Args:
        args: with what `add_flags` adds.

    Raises:
        UserError: if Beam is not installed, or the options cannot be read.
    """
    if not args.beam:
        if args.beam_options is not None:
            raise UserError("--beam_options needs --beam beside it")
        return None
    packages.require("apache_beam", "beam")
    try:
        given = shlex.split(args.beam_options or "")
    except ValueError as error:
        raise UserError(f"--beam_options cannot be read: {error}") from error
    if given and not given[0].startswith("--"):
        raise UserError(
            f"--beam_options begins with {given[0]}, which is no option; give "
            'options such as --beam_options="--direct_num_workers=2"'
        )
    with _without_a_word_of_what_is_missing():
        from apache_beam.options import pipeline_options

    told = io.StringIO()
    try:
        with contextlib.redirect_stderr(told):
            parsed = pipeline_options.PipelineOptions([*_DEFAULTS, *given])
            parsed.get_all_options()
    except SystemExit as error:  # argparse: its usage, and then why
        reason = told.getvalue().strip().splitlines()[-1].partition("error: ")
        raise UserError(
            f"--beam_options cannot be read: {reason[2]}"
        ) from error
    return parsed


@contextlib.contextmanager
def _without_a_word_of_what_is_missing():
    """Beam logs, when imported, that parts for Google's cloud are not there."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def run(elements, start, pipeline_options):
    """Hands each element to a worker, and returns once all are done.

    Workers work in the folder of this process, so that relative names and
    messages with them are the same everywhere.

    Args:
        elements: tuples of numbers and bytes, few and small enough for this
            machine's memory.
        start: called by each worker, once; returns the function that the
            worker calls with one element after the other. It is pickled.
        pipeline_options: of `options`.

    Raises:
        UserError: if the job failed.
    """
    import apache_beam as beam

    folder = os.getcwd()

    class Work(beam.DoFn):
        def setup(self):
            _enter(folder)
            self._work = start()

        def process(self, element):
            self._work(element)

    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_is_no_user_error)
    try:
        pipeline = beam.Pipeline(options=pipeline_options)
        _ = (
            pipeline
            | beam.Create(elements)
            | beam.Reshuffle()  # else one worker would have them all
            | beam.ParDo(Work())
        )
        _wait(pipeline.run())
    except Exception as error:
        raise _told(error) from error


def _enter(folder: str):
    try:
        os.chdir(folder)
    except OSError as error:
        raise UserError(
            f"a worker on {platform.node()} cannot work in {folder}, where "
            f"the command was started: {error.strerror}; start it in a folder "
            "that every machine has"
        ) from error


def _wait(result):
    try:
        result.wait_until_finish()
    except KeyboardInterrupt:
        result.cancel()
        raise


def _is_no_user_error(record: logging.LogRecord) -> bool:
    """Whether its traceback is worth reading: a user's mistake is told."""
    raised = record.exc_info[0] if record.exc_info else None
    return raised is not UserError and _USER_ERROR not in record.getMessage()


def _told(error: Exception) -> UserError:
    r"""What a worker raised, or Beam, in one sentence.

    >>> _told(ValueError("of /a\n File b\nKeyError: 7 [while running x]"))
    UserError('the Beam job failed (KeyError: 7)')
    """
    text = str(error.args[0] if error.args else error)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    lines = [re.sub(r" \[while running .*", "", line) for line in lines]
    if isinstance(error, UserError):
        return UserError(lines[-1])
    for line in lines:
        if line.startswith(f"{_USER_ERROR}: "):
            return UserError(line.partition(": ")[2])
    kind = type(error).__name__
    if len(lines) < 2:  # else it is a worker's traceback, which ends with it
        lines = [": ".join([kind, *lines])]
    return UserError(f"the Beam job failed ({lines[-1]})")
