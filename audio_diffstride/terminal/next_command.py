"""The command that comes next: the last line of a command."""

from __future__ import annotations

import shlex


def next_line(command: str, *words: object, in_checkout: bool = False) -> str:
    """The last line of a command; see `command_line`."""
    return f"next: {command_line(command, *words, in_checkout=in_checkout)}"


def command_line(
    command: str, *words: object, in_checkout: bool = False
) -> str:
    """A command, quoted for a shell.

    Args:
        command: the subcommand.
        *words: its flags and arguments.
        in_checkout: whether to name the script of a checkout, such as
            train.py, which also knows the named data sets.

    >>> command_line("evaluate", "--workdir", "my run")
    "audio-diffstride evaluate --workdir 'my run'"
    >>> command_line("evaluate", "--workdir", "a", in_checkout=True)
    'python evaluate.py --workdir a'
    """
    program = ["audio-diffstride", command]
    if in_checkout:
        program = ["python", f"{command}.py"]
    return shlex.join([*program, *map(str, words)])
