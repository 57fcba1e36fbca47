"""Packages that only exported files need."""

from __future__ import annotations

import importlib.util

from audio_diffstride.errors import UserError


def require(module: str):
    """Refuses, with the remedy, if a package is not installed.

    >>> require("json")
    """
    if importlib.util.find_spec(module) is None:
        raise UserError(
            f"the package {module.replace('_', '-')} is not installed; run "
            "pip install 'audio-diffstride[export]'"
        )
