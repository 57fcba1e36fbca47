"""Reads all recordings once and reports what training would stumble over.

    audio-diffstride check DIR_OR_CSV

It lists damaged, silent and repeated recordings. It also looks for shortcuts:
it compares the classes by what should not matter, such as format, noise floor
and level. It writes no files. The exit status is 1 if a recording cannot be
used. The last line is the next command.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterable

from audio_diffstride.errors import one_line
from audio_diffstride.terminal.next_command import command_line, next_line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `audio-diffstride check`."""
    from audio_diffstride.recordings import arguments

    arguments.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Prints the report; 1 if a recording cannot be used."""
    from audio_diffstride.audio.reading import SAMPLE_RATE_HZ
    from audio_diffstride.check import (
        overview,
        problems,
        shortcut_table,
        sounds,
    )
    from audio_diffstride.recordings import (
        arguments,
        decoding,
        manifest,
        preparation,
        shortcut_file,
        splits,
    )
    from audio_diffstride.shortcuts import wording

    rule = arguments.label_rule(args)
    recordings = preparation.read_and_split(
        args.path,
        args.tasks,
        args.columns,
        splits.SplitRule(args.test_group),
        rule,
    )
    _print(overview.describe(recordings))
    heard = overview.Overview()
    checked = heard.collect(decoding.read_all(recordings, sounds.measurer()))
    unused = []
    if rule.windows is None:  # the reader tells of files without annotations
        unused = manifest.describe_unused_files(args.path, recordings)
    by_kind: dict[str, list[str]] = {}
    for kind, detail in itertools.chain(
        problems.find(recordings, checked),
        (problems.Problem("not used", detail) for detail in unused),
    ):
        by_kind.setdefault(kind, []).append(detail)
    if rule.windows is None:
        _print(heard.describe_lengths())
    _print(heard.describe_rates())
    for kind, details in by_kind.items():
        print(f"\n{kind}: {len(details)}")
        _print(f"  {detail}" for detail in details)

    examined = shortcut_file.examine(recordings, SAMPLE_RATE_HZ)
    flags: dict[str, str] = {}
    advice = []
    kinds = manifest.kinds(recordings)
    for task, examination in examined.items():
        print()
        _print(shortcut_table.describe(task, examination, kinds[task]))
        for row in examination.found if examination else ():
            advice.append(wording.advise(row, task))
            if row.kind == "file":
                flags |= row.flags
    if advice:
        print(f"\nshortcut: {len(advice)}")
        _print(f"  {text}" for text in advice)

    num_unusable = len(by_kind.get(problems.UNREADABLE, ()))
    num_warnings = sum(map(len, by_kind.values())) - num_unusable + len(advice)
    print(
        f"\n{num_unusable} recordings cannot be used, {num_warnings} warnings"
    )
    if num_unusable:
        flags["data.skip_bad_files"] = "true"
        print("next: repair or remove them, or leave them out:")
        print(command_line("train", *_train_words(args, flags)))
        return 1
    print(next_line("train", *_train_words(args, flags)))
    return 0


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(one_line(line))


def _train_words(args: argparse.Namespace, flags: dict[str, str]) -> list[str]:
    from audio_diffstride.recordings import arguments

    words = ["--data", args.path]
    if args.tasks:
        words.append(f"--config.data.tasks={','.join(args.tasks)}")
    if args.columns:
        words.append(f"--columns={args.columns}")
    if args.test_group:
        words.append(f"--config.data.test_group={args.test_group}")
    words += arguments.config_words(args)
    words += [f"--config.{name}={value}" for name, value in flags.items()]
    return [*words, "--workdir", "runs/NAME"]
