r"""Write what the heads of a model see of each window of recordings.

Example:
    audio-diffstride embed --workdir runs/mine FIELD/ \
        --output vectors.parquet --hop_s 0.25

An embedding is a vector of numbers. Sounds that the model finds alike have
similar vectors, also sounds of classes that it has not learned. The windows are
those of `audio-diffstride predict`. The output is a table in Parquet, a row per
window: file, start_s, end_s, padded and embedding (a list of float32).
`audio-diffstride probe` trains simple classifiers on it.

What is written:

    OUT             the table
    OUT.errors.csv  recordings that cannot be read or are cut off, and why.
                    The windows of a cut-off recording are kept.
    OUT.partial/    what is finished, until the command ends.

After an interruption, run the same command again. It continues after the last
finished recording, and the output is the same. An existing output is replaced
only with --overwrite.

Exit status:

    0    every recording was read to its end
    1    a recording was not: see OUT.errors.csv
    2    the command failed: the message says why
    130  it was stopped by Ctrl-C
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from audio_diffstride.backends import beam_jobs
from audio_diffstride.embeddings import table
from audio_diffstride.errors import UserError
from audio_diffstride.files import outputs
from audio_diffstride.predict import arguments
from audio_diffstride.predict.job import Job
from audio_diffstride.predict.journal import Journal

if TYPE_CHECKING:  # it loads TensorFlow
    from audio_diffstride.embeddings.embedding import Embedding


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `audio-diffstride embed`."""
    add = parser.add_argument
    add("paths", nargs="+", metavar="PATH", help="recordings or folders")
    arguments.add_model(parser, "NAME.onnx, exported with --embedding")
    add(
        "--output",
        required=True,
        metavar="OUT",
        help="the file, such as vectors.parquet",
    )
    arguments.add_windows(parser)
    add(outputs.FLAG, action="store_true", help=outputs.HELP)
    beam_jobs.add_flags(parser)


def run(args: argparse.Namespace) -> int:
    """Embeds, and returns the exit status."""
    arguments.check(args)
    arguments.check_output(args)
    if args.output.is_dir():
        raise UserError(
            f"--output {args.output} is a folder; give the name of a file"
        )

    def write(
        embedding: Embedding,
        progress: Journal[table.WindowVector],
        readable: dict[int, dict],
    ) -> None:
        rows = (
            (summary["file"], row)
            for index, summary in readable.items()
            for row in progress.rows(index)
        )
        with progress.output(args.output) as path:
            table.write(path, rows, embedding.size, embedding.about)

    return Job(args, table.WindowVector, load).run([args.output], write)


def load(args: argparse.Namespace) -> Embedding:
    """Loads the model."""
    from audio_diffstride.embeddings.embedding import Embedding

    return Embedding(args)
