"""Fills the page of commands with the --help of every subcommand."""

import importlib
import os
import unittest.mock
from typing import Any

from audio_diffstride import __main__ as program
from audio_diffstride.terminal import arguments

PAGE = "reference/commands.md"


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Appends the help to the page of commands (an event of MkDocs)."""
    if page.file.src_uri != PAGE:
        return markdown
    return "\n\n".join([markdown, *map(section, program.COMMANDS)])


def section(name: str) -> str:
    """The heading, the summary and the --help of one subcommand."""
    summary = program.COMMANDS[name].summary
    text = f"{summary[0].upper()}{summary[1:]}."
    return f"## {name}\n\n{text}\n\n```text\n{help_of(name)}```"


def help_of(name: str) -> str:
    """The --help of one subcommand, at a width that fits the page."""
    with unittest.mock.patch.dict(os.environ, COLUMNS="79"):
        return parser_of(name).format_help()


def parser_of(name: str) -> arguments.Parser:
    """The parser of one subcommand."""
    module = importlib.import_module(
        f"audio_diffstride.{program.COMMANDS[name].module}"
    )
    parser = arguments.Parser(f"audio-diffstride {name}", module.__doc__ or "")
    module.add_arguments(parser)
    return parser
