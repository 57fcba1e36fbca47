"""The command: `audio-diffstride`, or `python -m audio_diffstride`.

Every subcommand is a module with two functions, `add_arguments(parser)` and
`run(args)`. It is imported only when it is used, so that `--help` is quick.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import sys
import types
from collections.abc import Sequence

import audio_diffstride
from audio_diffstride.errors import UserError, report_user_errors
from audio_diffstride.terminal import (
    arguments,
    quick_start,
    quiet_start,
    suggestions,
)


@dataclasses.dataclass(frozen=True)
class Command:
    """A subcommand.

    Attributes:
        module: its module, below the package.
        summary: its line in `--help`.
        resumes: whether the same command continues after an interruption.
    """

    module: str
    summary: str
    resumes: bool = False


COMMANDS = {
    "check": Command(
        "check.command",
        "find what is wrong with recordings, before any training",
    ),
    "prepare": Command(
        "recordings.prepare_command",
        "decode recordings once, on many machines if you like",
    ),
    "train": Command("training.command", "train a classifier", resumes=True),
    "evaluate": Command("evaluation.command", "score a run on its test set"),
    "calibrate": Command(
        "calibration.command",
        "fit probabilities and thresholds on the validation set",
    ),
    "cutoffs": Command(
        "cutoffs.command", "read the learned strides as cut-off frequencies"
    ),
    "report": Command("report.command", "write one HTML page about a run"),
    "predict": Command(
        "predict.command",
        "find the classes in recordings of any length",
        resumes=True,
    ),
    "events": Command(
        "events.command", "compare detections with annotations, by events"
    ),
    "listen": Command(
        "listen.command",
        "find the classes in sound as it comes, from a microphone or a pipe",
    ),
    "review": Command(
        "review.command",
        "let people check detections, and make labels of their verdicts",
    ),
    "embed": Command(
        "embeddings.command",
        "write a vector per window of recordings of any length",
        resumes=True,
    ),
    "probe": Command(
        "probe.command", "score simple classifiers on such vectors"
    ),
    "export": Command(
        "export.command", "write the model as ONNX, LiteRT or SavedModel"
    ),
    "sweep": Command(
        "sweep.command", "train and compare many settings", resumes=True
    ),
    "tables": Command(
        "sweep.tables_command", "tabulate evaluated runs as the paper's Table 1"
    ),
    "benchmark": Command(
        "benchmark.command", "measure the time and memory of every arm"
    ),
}

_USAGE = """\
usage: audio-diffstride COMMAND [FLAGS]
       audio-diffstride COMMAND --help

Audio classification with learnable strides. From recordings to results:

{commands}

  audio-diffstride check recordings/
  audio-diffstride train --data recordings/ --workdir runs/mine
  audio-diffstride evaluate --workdir runs/mine
  audio-diffstride predict --workdir runs/mine FIELD/ --output found.csv

--version prints the version.
"""


def call(name: str, argv: Sequence[object], **settings: object) -> int:
    """Runs a subcommand.

    Args:
        name: of the subcommand, a key of `COMMANDS`.
        argv: its flags and arguments.
        **settings: attributes to add to the parsed arguments.

    Returns:
        The exit status.

    Raises:
        UserError: if the command cannot be understood, or fails.
    """
    args = parse(name, argv)
    vars(args).update(settings)
    return _module(name).run(args) or 0


def parse(name: str, argv: Sequence[object]) -> argparse.Namespace:
    """The arguments of a subcommand, and its `words` as typed; see `call`."""
    module = _module(name)
    parser = arguments.Parser(f"audio-diffstride {name}", module.__doc__ or "")
    module.add_arguments(parser)
    words = [str(word) for word in argv]
    return argparse.Namespace(**vars(parser.parse_args(words)), words=words)


def _module(name: str) -> types.ModuleType:
    return importlib.import_module(f"audio_diffstride.{COMMANDS[name].module}")


def main(argv: Sequence[str] | None = None, **settings: object) -> int:
    """The whole command; user errors are one sentence on stderr, status 2.

    Args:
        argv: the words after `audio-diffstride`; default those of the process.
        **settings: for `call`.

    Returns:
        The exit status; 130 after Ctrl-C.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] in ("-h", "--help", "help"):
        print(_usage(), end="")
        return 0
    if words[0] == "--version":
        print(f"audio-diffstride {audio_diffstride.__version__}")
        return 0
    name, *rest = words
    quiet_start.install()
    quick_start.install()
    with report_user_errors():
        if name not in COMMANDS:
            hint = suggestions.did_you_mean(name, COMMANDS)
            raise UserError(f"there is no command {name}; {hint}")
        try:
            return call(name, rest, **settings)
        except KeyboardInterrupt:
            resume = "; run the same command again to continue"
            print(
                f"stopped{resume if COMMANDS[name].resumes else ''}",
                file=sys.stderr,
            )
            return 130
    return 2


def _usage() -> str:
    width = max(map(len, COMMANDS))
    return _USAGE.format(
        commands="\n".join(
            f"  {name:<{width}}  {command.summary}"
            for name, command in COMMANDS.items()
        )
    )


if __name__ == "__main__":
    sys.exit(main())
