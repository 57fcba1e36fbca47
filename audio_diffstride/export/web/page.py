"""A page that listens: network, runtime and scripts in one HTML file.

A page from disk cannot read other files, so all is inside. Its policy forbids
every connection. Only scripts that are in the page run.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import Any

import jinja2
from markupsafe import Markup

from audio_diffstride.calibration.thresholds import Aim
from audio_diffstride.datasets.kinds import is_reported
from audio_diffstride.export.documents import Part
from audio_diffstride.export.web import packing, runtime, scripts


def render(about: dict, card: Sequence[Part], network: bytes) -> str:
    """Puts the page together.

    Args:
        about: what the scripts know of the network.
        card: the model card.
        network: the ONNX file.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(scripts.FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = (scripts.FOLDER / "page.css").read_text("utf-8")
    script = scripts.read(scripts.PAGE)
    return environment.get_template("page.html").render(
        about=about,
        **_calibration(about),
        card=card,
        stages=["What the network hears"]
        + [f"After block {i}" for i in range(1, len(about["pictures"]))],
        window_s=about["window_samples"] / about["sample_rate_hz"],
        policy=_policy(script, style),
        style=Markup(style),
        script=Markup(script),
        worker=Markup(scripts.read(scripts.WORKER)),
        capture=Markup(scripts.read(scripts.CAPTURE)),
        network=packing.pack(network),
        runtime=packing.pack(runtime.binary()),
        runtime_script=packing.pack(runtime.script().encode("utf-8")),
        runtime_version=runtime.VERSION,
        runtime_licence=runtime.licence(),
    )


def _policy(script: str, style: str) -> str:
    """The content security policy: nothing may be loaded or sent.

    The page makes the script of the worker, a blob, and that of the audio
    thread, a data address: from disk, Chromium starts no other ones.
    """
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src '{_digest(script)}' 'wasm-unsafe-eval' data:",
            "worker-src blob:",
            f"style-src '{_digest(style)}'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _calibration(about: dict) -> dict[str, Any]:
    """What the calibrated thresholds reach, and the classes without one."""
    found = about.get("calibration")
    if not found or not about["tasks"].keys() <= found["tasks"].keys():
        return {"aim": "", "unreachable": []}
    unreachable = [
        name
        for task in about["tasks"]
        for name, threshold in found["tasks"][task]["thresholds"].items()
        if threshold is None and is_reported(name)
    ]
    return {"aim": Aim(**found["aim"]), "unreachable": unreachable}


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
