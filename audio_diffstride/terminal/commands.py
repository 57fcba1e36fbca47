"""The start of a command: flags parsed, mistakes told in one sentence."""

from __future__ import annotations

import difflib

from absl import app, flags, logging

from audio_diffstride.errors import UserError, report_user_errors


def run(main):
    """Runs `main` under absl; a user's mistake is one sentence, exit 2.

    Args:
        main: takes the arguments that are left after the flags.
    """
    logging.set_verbosity(logging.WARNING)  # TFDS tells its every step
    with report_user_errors():
        app.run(main, flags_parser=_parse)


def _parse(argv):
    try:
        return flags.FLAGS(argv)
    except flags.UnrecognizedFlagError as error:
        name = error.flagname
        near = difflib.get_close_matches(name, flags.FLAGS)
        hint = f"did you mean --{near[0]}?" if near else "see --help"
        raise UserError(f"there is no flag --{name}; {hint}") from error
    except flags.Error as error:
        reason = " ".join(str(error).split())
        raise UserError(f"the flags cannot be read: {reason}") from error


def no_more_arguments(argv):
    """Refuses what is neither a flag nor its value."""
    if len(argv) > 1:
        raise UserError(f"{argv[1]!r} is not understood; flags begin with --")
