"""Packages that only some commands need: the extras."""

from __future__ import annotations

import importlib.util

from audio_diffstride.errors import UserError


def require(module: str, extra: str):
    """Refuses, with the remedy, if a package is not installed.

    Args:
        module: that would be imported.
        extra: of this package that brings it.

    >>> require("json", extra="export")
    """
    if importlib.util.find_spec(module) is None:
        raise UserError(
            f"the package {module.replace('_', '-')} is not installed; run "
            f"pip install 'audio-diffstride[{extra}]'"
        )
