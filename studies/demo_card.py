"""The model card of the demo model: its sources and their licences."""

from __future__ import annotations

import pathlib

from audio_diffstride.calibration import calibration_file
from audio_diffstride.export import documents, metadata, model_card
from audio_diffstride.export.documents import Paragraph, Part, Table
from audio_diffstride.runs import layout, loading, run_stores

LICENCE = "CC BY-SA 4.0"  # of the model: the strictest of its sources
SOURCES = (
    (
        "digits",
        "Free Spoken Digit Dataset, by Z. Jackson and others",
        "CC BY-SA 4.0",
        "https://github.com/Jakobovski/free-spoken-digit-dataset",
    ),
    (
        "words",
        "Speech Commands v0.01, by P. Warden: bed, cat and happy",
        "CC BY 4.0",
        "https://arxiv.org/abs/1804.03209",
    ),
    (
        "notes",
        "synthesised from the sound font FluidR3 GM, by F. Wen",
        "MIT",
        "https://packages.debian.org/sid/fluid-soundfont-gm",
    ),
    (
        "sounds",
        "ESC-10 of ESC-50, by K. J. Piczak; clips of freesound.org",
        "CC BY 3.0",
        "https://github.com/karolpiczak/ESC-50",
    ),
)
_TESTED = (
    "digits: the official split, whose speakers are known; words: other "
    "speakers, by the official hash; notes: an unseen instrument of each "
    "family; sounds: the last official fold."
)


def text(run: pathlib.Path, folder: pathlib.Path) -> str:
    """The card as Markdown.

    Args:
        run: the run that trained the model, evaluated on the test split.
        folder: of the packed model, calibrated.
    """
    model = loading.load_model(folder)
    config = loading.load_config(folder)
    about = metadata.describe(
        model,
        loading.window_samples(config),
        "keras",
        calibration_file.find(folder / layout.BEST),
    )
    stores = run_stores.require(run, (), "for the card")
    for store in stores:
        store.name = pathlib.PurePath(store.name).name
    parts = model_card.describe(
        folder, model, config, stores, about, licence=_licence()
    )
    return documents.to_markdown(parts)


def _licence() -> list[Part]:
    return [
        Paragraph(f"Test recordings: {_TESTED}"),
        Table(["data set", "source", "licence", "where"], SOURCES),
        Paragraph(
            f"The model is published under {LICENCE}, the strictest licence of "
            "its sources. It holds weights, and no recording."
        ),
    ]
