"""From a trained classifier to the page that listens."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any

from audio_diffstride.export import freezing, metadata
from audio_diffstride.export.documents import Part
from audio_diffstride.export.steps import Network
from audio_diffstride.export.web import page, probe
from audio_diffstride.files import atomic
from audio_diffstride.runs import layout
from audio_diffstride.terminal import packages


def write(
    model: Any,
    network: Network,
    about: dict,
    card: Sequence[Part],
    path: str | os.PathLike[str],
) -> None:
    """Writes the page.

    Args:
        model: an `AudioClassifier` in float32.
        network: the same, frozen.
        about: the metadata, from `metadata.describe`.
        card: the model card.
        path: of the page.
    """
    packages.require("onnx", "export")
    from audio_diffstride.export import onnx_form

    window_samples = about["window_samples"]
    blocks = freezing.downsampling_alone(model, window_samples)
    stages = [[], *blocks] if any(blocks) else [[]]
    graph = onnx_form.graph(
        network,
        {metadata.KEY: json.dumps(about)},
        stages,
    )
    details = {
        **about,
        "file": layout.WEB,
        "pictures": [onnx_form.PICTURE.format(i) for i in range(len(stages))],
        "band_centres_hz": model.front_end.band_centres_hz.tolist(),
        "probe": probe.expected_logits(model, window_samples),
    }
    text = page.render(details, card, graph.SerializeToString())
    atomic.write_text(path, text)
