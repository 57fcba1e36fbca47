"""A picture of how the strides moved during training."""

from __future__ import annotations

from audio_diffstride.errors import UserError
from audio_diffstride.files import atomic
from audio_diffstride.runs import layout, stride_history


def draw(workdirs, path):
    """Draws every stride against the training step, as a PNG.

    Args:
        workdirs: work directories with a strides.csv; runs of the same block
            share a colour.
        path: of the PNG.
    """
    import matplotlib.figure

    runs = [history(workdir) for workdir in workdirs]
    names = [name.rsplit("_", 1) for name in runs[0] if name != "step"]
    blocks, axes = (list(dict.fromkeys(parts)) for parts in zip(*names))
    figure = matplotlib.figure.Figure(
        figsize=(1.5 + 3.75 * len(axes), 3.6), layout="constrained"
    )
    panels = figure.subplots(1, len(axes), sharey=True, squeeze=False)[0]
    for columns in runs:
        steps = columns.pop("step")
        for name, values in columns.items():
            block, axis = name.rsplit("_", 1)
            panels[axes.index(axis)].plot(
                steps,
                values,
                color=f"C{blocks.index(block)}",
                label=block,
            )
    for panel, axis in zip(panels, axes):
        panel.set_title(f"stride along {axis}", loc="left", fontsize=10)
        panel.set_xlabel("training step")
        panel.grid(alpha=0.3)
        panel.spines[["top", "right"]].set_visible(False)
    handles, labels = panels[0].get_legend_handles_labels()
    unique = dict(zip(labels, handles))
    figure.legend(
        unique.values(), unique, loc="outside right center", frameon=False
    )
    with atomic.atomic_path(path) as partial:
        figure.savefig(partial, dpi=150, format="png")


def history(workdir) -> dict[str, list[float]]:
    """{"step": ..., "block1_time": strides} of a run, from its first step on.

    Raises:
        UserError: if its strides.csv is missing or damaged.
    """
    try:
        return stride_history.read(workdir)
    except FileNotFoundError as error:
        raise UserError(
            f"{workdir}/{layout.STRIDES} is missing: train the run first"
        ) from error
