"""ImageContent of the training and of the scores."""

from __future__ import annotations

import math

from audio_diffstride.report.page import Html
from audio_diffstride.report.svg import SERIES, plain, to_svg


def lines(
    series, x_label: str, y_label: str, description: str, epochs: bool = True
) -> Html:
    """Curves with a legend.

    Args:
        series: dicts with name, x, y, color (of `SERIES`), dashed.
        x_label: with the unit.
        y_label: with the unit.
        description: for those who cannot see it.
        epochs: whether x is whole numbers, few enough to mark each; else
            both axes are shares.
    """

    def paint(figure, axes):
        for line in series:
            axes.plot(
                line["x"],
                line["y"],
                color=line["color"],
                linestyle="--" if line["dashed"] else "-",
                marker="o" if epochs else None,
                markersize=3,
                label=plain(line["name"]),
            )
        axes.set(xlabel=x_label, ylabel=y_label)
        axes.grid(True)
        if epochs:
            axes.xaxis.get_major_locator().set_params(integer=True)
        else:
            axes.set(xlim=(0, 1), ylim=(0, 1.02))
        figure.legend(loc="outside lower left", ncols=2)

    return to_svg(paint, description, height_in=3.4)


def stride_lines(steps, strides: dict[str, list[float]], axis: str) -> Html:
    """Every block's stride along one axis, each named at its end.

    Args:
        steps: training steps.
        strides: {name of the block: stride at each step}.
        axis: "time" or "frequency".
    """

    def paint(figure, axes):
        ends = {}
        for index, (name, values) in enumerate(strides.items()):
            color = SERIES[index % len(SERIES)]
            dashed = "--" if index >= len(SERIES) else "-"
            axes.plot(steps, values, color=color, linestyle=dashed)
            ends[name] = (values[-1], color)
        axes.set(xlabel="training step", ylabel="stride")
        axes.set_title(f"along {axis}")
        axes.grid(True)
        low, high = axes.get_ylim()
        places = apart([end for end, _ in ends.values()], 0.06 * (high - low))
        for (name, (_, color)), place in zip(ends.items(), places):
            axes.annotate(
                name,
                (1, place),
                xycoords=("axes fraction", "data"),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                color=color,
                annotation_clip=False,
            )

    told = "; ".join(
        f"{name} from {values[0]:.2f} to {values[-1]:.2f}"
        for name, values in strides.items()
    )
    return to_svg(
        paint, f"Strides along {axis} during training: {told}.", height_in=3.2
    )


def apart(values, distance: float) -> list[float]:
    """The values, moved apart until none is nearer than that to the next.

    >>> apart([2.0, 1.0, 1.0], 0.5)
    [2.0, 0.75, 1.25]
    """
    order = sorted(range(len(values)), key=lambda i: values[i])
    clusters = []  # [mean, members]
    for index in order:
        clusters.append([values[index], [index]])
        while len(clusters) > 1:
            (below, some), (above, others) = clusters[-2:]
            room = distance * (len(some) + len(others)) / 2
            if above - below >= room - 1e-12:
                break
            members = some + others
            mean = (below * len(some) + above * len(others)) / len(members)
            clusters[-2:] = [[mean, members]]
    placed = list(values)
    for mean, members in clusters:
        for place, index in enumerate(members):
            placed[index] = mean + distance * (place - (len(members) - 1) / 2)
    return placed


def confusion_image(matrix, description: str) -> Html:
    """A confusion matrix of many classes, rows as shares.

    Args:
        matrix: counts, rows true, columns predicted.
        description: for those who cannot see it.
    """
    shares = [[n / max(1, sum(row)) for n in row] for row in matrix]

    def paint(figure, axes):
        image = axes.imshow(shares, cmap="viridis", vmin=0, vmax=1)
        axes.set_xlabel("predicted class (number in the table)")
        axes.set_ylabel("true class")
        step = max(1, math.ceil(len(shares) / 10))
        ticks = range(0, len(shares), step)
        axes.set_xticks(ticks, [str(t + 1) for t in ticks])
        axes.set_yticks(ticks, [str(t + 1) for t in ticks])
        figure.colorbar(image, label="share of the true class")

    return to_svg(paint, description, width_in=5.2, height_in=4.4)
