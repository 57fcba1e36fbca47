"""From the work directories of runs to files on their cut-offs."""

from __future__ import annotations

import pathlib

from audio_diffstride import errors
from audio_diffstride.config import config_fields
from audio_diffstride.cutoffs import cutoffs, stride_plot
from audio_diffstride.files import atomic, outputs
from audio_diffstride.runs import layout, loading


def report_runs(args):
    """Prints and writes the cut-offs of the runs of a command line.

    Args:
        args: of `cutoffs.main`: workdir, model, frames, bands, output,
            overwrite.
    """
    folder = _folder(args)
    reports, arms = {}, set()
    for workdir in args.workdir:
        config = loading.load_config(workdir, [config_fields.INPUT])
        model = loading.load_model(workdir, args.model)
        rows = reports[str(workdir)] = cutoffs.report(
            model, _size(args, config, model)
        )
        arms.add((len(rows), rows[0]["learned"], rows[0]["flat"] is None))
    if len(arms) > 1:
        raise errors.UserError(
            "the runs have different numbers of blocks, or other kinds of "
            "downsampling; report them apart"
        )
    summary = cutoffs.summarise(list(reports.values()))
    stride_plot.draw(args.workdir, folder / layout.STRIDES_PLOT)
    write(reports, folder)
    print(f"strides of {args.model}.keras in {', '.join(args.workdir)}\n")
    print(cutoffs.format_table(summary))
    print(f"\nwritten: {folder}/{', '.join(layout.FILES_OF_CUTOFFS)}")


def _size(args, config, model) -> tuple[int, ...]:
    """At the encoder's input, of a window or image, but for the flags."""
    if "image" in config and (args.frames or args.bands):
        raise errors.UserError(
            "--frames and --bands are for sound; images have the size that "
            "their run was trained with"
        )
    size = model.front_end.output_size(loading.evaluation_input(config))
    asked = (args.frames, args.bands)
    return tuple(flag or own for flag, own in zip(asked, size))


def _folder(args) -> pathlib.Path:
    """Where the files go: a run's own replace those of the run alone."""
    given = [pathlib.Path(workdir).absolute() for workdir in args.workdir]
    if len({*given}) < len(given):
        raise errors.UserError("a --workdir is there twice; give it once")
    if len(given) > 1 and not args.output:
        raise errors.UserError(
            "several runs are reported together; give an --output for the files"
        )
    folder = outputs.folder(args.output or args.workdir[0])
    if [folder.absolute()] != given:
        outputs.refuse_to_replace(
            [folder / name for name in layout.FILES_OF_CUTOFFS], args.overwrite
        )
    return folder


def write(reports: dict[str, list[dict]], folder):
    """Writes cutoffs.csv (the summary) and cutoffs.json (every run too)."""
    folder = pathlib.Path(folder)
    summary = cutoffs.summarise(list(reports.values()))
    atomic.write_json(
        folder / layout.CUTOFFS, {"summary": summary, "runs": reports}
    )
    atomic.write_rows(folder / layout.CUTOFFS_TABLE, summary)
