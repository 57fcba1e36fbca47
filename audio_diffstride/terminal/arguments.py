"""The parser of every command: mistakes are one sentence, with a suggestion."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, NoReturn

from absl import logging

from audio_diffstride.errors import UserError, shortened
from audio_diffstride.terminal.suggestions import did_you_mean


class Parser(argparse.ArgumentParser):
    """An argument parser that raises `UserError` instead of exiting.

    Args:
        prog: the command as typed, for the usage line.
        description: printed by --help; a module's docstring will do.

    Example:
    >>> parser = Parser("demo", "Shows the errors.")
    >>> _ = parser.add_argument("--workdir")
    >>> parser.parse_args(["--workdri", "a"])
    Traceback (most recent call last):
    audio_diffstride.errors.UserError: there is no flag --workdri; did you \
mean --workdir?
    """

    def __init__(self, prog: str, description: str):
        super().__init__(
            prog=prog,
            description=description,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        logging.set_verbosity(logging.ERROR)  # TFDS logs its every step

    def parse_args(  # type: ignore[override]
        self, args: Sequence[str]
    ) -> argparse.Namespace:
        """The parsed arguments.

        Raises:
            UserError: for what cannot be understood.
        """
        self._check_flags(args)  # or a missing flag hides its misspelling
        namespace, rest = self.parse_known_args(args)
        if not rest:
            return namespace
        flags = [word for word in rest if word.startswith("-")]
        if flags:
            self._refuse_flag(flags[0])
        raise UserError(
            f"{shortened(rest[0])} is not understood; flags begin with --"
        )

    def _check_flags(self, args: Sequence[str]) -> None:
        for word in args:
            if word == "--":
                return
            name = word.partition("=")[0]
            if (
                word.startswith("--")
                and name not in self._option_string_actions
            ):
                self._refuse_flag(name)

    def _refuse_flag(self, word: str) -> NoReturn:
        name = word.partition("=")[0]
        known = [text for text in self._option_string_actions if text[2:]]
        raise UserError(f"there is no flag {name}; {did_you_mean(name, known)}")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Adds a suggestion to the message on a wrong choice."""
        try:
            super()._check_value(action, value)
        except argparse.ArgumentError as error:
            choices = map(str, action.choices or ())
            hint = did_you_mean(str(value), choices, otherwise="")
            error.message += f"; {hint}" if hint else ""
            raise

    def error(self, message: str) -> NoReturn:
        """Raises the parser's own complaint as a `UserError`."""
        hint = "" if message.endswith("?") else f"; see {self.prog} --help"
        raise UserError(f"{message}{hint}")
