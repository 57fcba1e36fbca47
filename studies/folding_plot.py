"""The learned folding of several rows, side by side."""

from __future__ import annotations

import pathlib
import statistics

from audio_diffstride.files import figures
from audio_diffstride.sweep.results import Result
from studies import learned_folding

_ARM = "folding"


def draw(
    rows: dict[str, list[Result]],
    path: pathlib.Path,
    arm: str = _ARM,
) -> None:
    """Draws a panel per row: the folding of every block, for each axis.

    A bar is the mean over the runs, and a dot is a run.

    Args:
        rows: {title: results}.
        path: of the PNG.
        arm: whose folding is drawn.
    """
    import matplotlib.figure

    figure = matplotlib.figure.Figure(
        figsize=(4.8 * len(rows), 3.6), layout="constrained"
    )
    panels = figure.subplots(1, len(rows), sharey=True, squeeze=False)[0]
    for panel, (title, results) in zip(panels, rows.items()):
        places = learned_folding.of_place(results, arm)
        axes = list(dict.fromkeys(p.split("_")[1] for p in places))
        blocks = list(dict.fromkeys(p.split("_")[0] for p in places))
        for number, axis in enumerate(axes):
            for index, block in enumerate(blocks):
                values = places.get(f"{block}_{axis}", [0.0])
                x = index + (number - (len(axes) - 1) / 2) * 0.4
                panel.bar(
                    x,
                    statistics.mean(values),
                    0.36,
                    color=f"C{number}",
                    alpha=0.6,
                    label=f"along {axis}" if not index else None,
                )
                panel.plot([x] * len(values), values, "k.", markersize=4)
        panel.axhline(0.5, color="0.6", linestyle=":", linewidth=1)
        panel.set_title(title)
        panel.set_xticks(
            range(len(blocks)), [b.replace("block", "block ") for b in blocks]
        )
        panel.tick_params(axis="x", labelsize="small")
        panel.set_ylim(0, 1.02)
    panels[0].set_ylabel("share that is folded back")
    panels[0].legend(fontsize="small", loc="upper left")
    figures.save_png(figure, path, 80)
