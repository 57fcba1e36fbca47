"""One place that opens a store and knows which kind it is."""

from __future__ import annotations

from audio_diffstride.datasets import store_files
from audio_diffstride.datasets.clips import ClipStore
from audio_diffstride.datasets.images import ImageStore
from audio_diffstride.datasets.store_files import Store
from audio_diffstride.errors import UserError

_KINDS = {kind.HOLDS: kind for kind in (ClipStore, ImageStore)}


def open_store(path) -> Store:
    """The `ClipStore` or `ImageStore` that lies there.

    Args:
        path: the store's folder.

    Raises:
        UserError: if there is no whole store of this format, or it holds what
            this version does not know.
    """
    holds = store_files.holds(store_files.read_content(path))
    if holds not in _KINDS:
        raise UserError(
            f"{path} holds {holds!r}, and this version of audio_diffstride "
            f"knows {' and '.join(_KINDS)}; install the version that prepared "
            "it, or delete it and prepare the data again"
        )
    return _KINDS[holds](path)
