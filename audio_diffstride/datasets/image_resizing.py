"""Scale images, and crop them to one size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import PIL.Image


def resize(
    pixels: np.ndarray,
    size: Sequence[int],
    box: tuple[float, float, float, float] | None = None,
) -> np.ndarray:
    """Resizes an image, or a box of it: bilinear, with anti-aliasing.

    Args:
        pixels: uint8 of shape (height, width, 1 or 3).
        size: (height, width).
        box: (left, top, right, bottom) in pixels; None is the whole image.
    """
    grey = pixels.shape[-1] == 1
    image = PIL.Image.fromarray(pixels[..., 0] if grey else pixels)
    resized = image.resize(
        (size[1], size[0]), PIL.Image.Resampling.BILINEAR, box
    )
    return np.asarray(resized).reshape(*size, pixels.shape[-1])


def cover(pixels: np.ndarray, size: Sequence[int]) -> np.ndarray:
    """Scales an image until it covers a size, and crops its centre.

    For a size of 256 x 256, the short side becomes 256 pixels. The long side
    loses both ends.

    Args:
        pixels: uint8 of shape (height, width, 1 or 3).
        size: (height, width).
    """
    height, width = pixels.shape[:2]
    if (height, width) == tuple(size):
        return pixels
    scale = max(size[0] / height, size[1] / width)
    tall, wide = size[0] / scale, size[1] / scale
    top, left = (height - tall) / 2, (width - wide) / 2
    # Rounding may move an edge outside by one bit.
    right, bottom = min(left + wide, width), min(top + tall, height)
    return resize(pixels, size, (max(0.0, left), max(0.0, top), right, bottom))
