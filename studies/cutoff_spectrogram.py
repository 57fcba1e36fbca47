r"""Draws a note and a digit as the learned cut-offs let them through.

    python -m studies.cutoff_spectrogram --output docs/results \
        --note notes/brass_056-052-100.flac --digit fsdd/7_jackson_0.wav

Written to --output: cutoffs_spectrogram.png. The note is filtered as by the
first block of a network for pitch, and of one for the instrument. The digit is
filtered as by the first and by the last block of a network for digits. The
cut-offs are the means of kept runs of the paper's layer (DiffStride outside),
and the filter is that layer. What is filtered is the spectrogram itself. In a
network there are a convolution, a ReLU and the other blocks between.
"""

from __future__ import annotations

import dataclasses
import pathlib
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from audio_diffstride.errors import report_user_errors
from audio_diffstride.files import figures, outputs
from audio_diffstride.terminal.arguments import Parser
from studies import cutoff_tables, kept_results, throws_away
from studies.cutoff_values import AXES, RATES

ARM = "outside"
SWEEPS = ("pitch", "instrument", "speakers")
_WINDOW_S = 1.0
_NUM_BANDS = 64
_COLOURS = ("0.35", "#d55e00", "#0072b2")
_STYLE: dict[Any, Any] = {
    "font.size": 13,
    "axes.titlesize": 12,
    "legend.fontsize": 11,
}


@dataclasses.dataclass(frozen=True)
class View:
    """A spectrogram, as it is or as a block lets it through.

    Attributes:
        title: for the picture.
        values: of shape (frames, bands), downsampled as the block does.
    """

    title: str
    values: np.ndarray


def learned(root: pathlib.Path) -> dict[tuple[str, int], dict[str, float]]:
    """{(sweep, block): {axis: mean cut-off}} of the runs of `ARM`.

    Args:
        root: folder of the kept sweeps.
    """
    found: dict[tuple[str, int], dict[str, float]] = {}
    for sweep in SWEEPS:
        results = kept_results.read(str(root / sweep))
        for axis in AXES:
            blocks = cutoff_tables.in_blocks(results, ARM, axis)
            for number, block in enumerate(blocks, start=1):
                found.setdefault((sweep, number), {})[axis] = block.mean
    return found


def through(spectrogram: np.ndarray, cutoffs: dict[str, float]) -> np.ndarray:
    """A spectrogram downsampled by the layer that has these cut-offs.

    Args:
        spectrogram: of shape (frames, bands).
        cutoffs: {axis: in Hz, in cycles per band}.
    """
    from keras import ops

    from audio_diffstride.layers import DiffStride

    strides = [RATES[axis] / (2 * cutoffs[axis]) for axis in AXES]
    layer: Any = DiffStride(strides, transition_band="outside")
    image = spectrogram[None, :, :, None].astype("float32")
    return np.asarray(ops.convert_to_numpy(layer(image)))[0, :, :, 0]


def view(
    network: str, spectrogram: np.ndarray, cutoffs: dict[str, float]
) -> View:
    """What a block of a network lets through; the title has its cut-offs."""
    title = (
        f"{network}\n{cutoffs['time']:.1f} Hz, "
        f"{cutoffs['frequency']:.3f} cycles per band"
    )
    return View(title, through(spectrogram, cutoffs))


def draw(note: list[View], digit: list[View], path: pathlib.Path) -> None:
    """Draws a row for each recording: its views, and a line through them."""
    import matplotlib
    import matplotlib.figure

    with matplotlib.rc_context(_STYLE):
        figure = matplotlib.figure.Figure(
            figsize=(17, 8.5), layout="constrained", facecolor="white"
        )
        panels = figure.subplots(2, 4)
        for row, views in zip(panels, (note, digit)):
            low, high = np.percentile(views[0].values, [2, 99.8])
            for panel, shown in zip(row, views):
                panel.imshow(
                    shown.values.T,
                    origin="lower",
                    aspect="auto",
                    extent=(0, _WINDOW_S, 0, _NUM_BANDS),
                    vmin=low,
                    vmax=high,
                    cmap="magma",
                    interpolation="nearest",
                )
                panel.set_title(shown.title)
                panel.set_xlabel("s")
            row[0].set_ylabel("mel band")
        _line_along_frequency(panels[0, 3], note)
        _line_along_time(panels[1, 3], digit)
        for panel in panels[:, 3]:
            low, high = panel.get_ylim()
            panel.set_ylim(low, high + 0.3 * (high - low))  # for the legend
            panel.set_ylabel("log of mel power")
            panel.legend(loc="upper right")
        figures.save_png(figure, path, 75)


def _line_along_frequency(panel: Any, views: list[View]) -> None:
    for colour, shown in zip(_COLOURS, views):
        frames, bands = shown.values.shape
        steady = shown.values[frames // 5 : 3 * frames // 5]
        places = np.arange(bands) * _NUM_BANDS / bands
        low = places < throws_away.NUM_LOW_BANDS
        label = shown.title.split("\n")[0]
        panel.plot(
            places[low], steady.mean(0)[low], ".-", color=colour, label=label
        )
    panel.set_xlabel("mel band")
    panel.set_title("mean over 0.2 to 0.6 s")


def _line_along_time(panel: Any, views: list[View]) -> None:
    for colour, shown in zip(_COLOURS, views):
        frames = len(shown.values)
        places = np.arange(frames) * _WINDOW_S / frames
        label = shown.title.split("\n")[0]
        panel.plot(
            places, shown.values.mean(1), ".-", color=colour, label=label
        )
    panel.set_xlabel("s")
    panel.set_title("mean over all bands")


def _parser() -> Parser:
    parser = Parser("python -m studies.cutoff_spectrogram", __doc__ or "")
    parser.add_argument("--note", required=True, help="a recording of a note")
    parser.add_argument("--digit", required=True, help="one of a digit")
    parser.add_argument(
        "--results",
        type=pathlib.Path,
        default=pathlib.Path("docs/results"),
        help="the folder of the kept sweeps; default docs/results",
    )
    parser.add_argument(
        "--output", required=True, help="the folder of the picture"
    )
    return parser


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command.

    Args:
        argv: its flags; default those of the process.
    """
    args = _parser().parse_args(sys.argv[1:] if argv is None else argv)
    output = outputs.folder(args.output)
    cutoffs = learned(args.results)
    (note,) = throws_away.spectrograms([args.note]).values()
    (digit,) = throws_away.spectrograms([args.digit]).values()
    draw(
        [
            View("the note", note),
            view("pitch, block 1", note, cutoffs["pitch", 1]),
            view("instrument, block 1", note, cutoffs["instrument", 1]),
        ],
        [
            View("the digit", digit),
            view("digits, block 1", digit, cutoffs["speakers", 1]),
            view("digits, block 6", digit, cutoffs["speakers", 6]),
        ],
        output / "cutoffs_spectrogram.png",
    )


if __name__ == "__main__":
    with report_user_errors():
        main()
