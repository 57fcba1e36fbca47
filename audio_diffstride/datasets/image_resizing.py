"""Images of one size out of images of any: scaled, and cut to fit."""

from __future__ import annotations

import numpy as np
import PIL.Image


def resize(pixels: np.ndarray, size, box=None) -> np.ndarray:
    """An image, or a box of it, in another size: bilinear, without aliasing.

    Args:
        pixels: uint8 of shape (height, width, 1 or 3).
        size: (height, width).
        box: (left, top, right, bottom) in pixels; None is all of it.
    """
    grey = pixels.shape[-1] == 1
    image = PIL.Image.fromarray(pixels[..., 0] if grey else pixels)
    resized = image.resize(
        (size[1], size[0]), PIL.Image.Resampling.BILINEAR, box
    )
    return np.asarray(resized).reshape(*size, pixels.shape[-1])


def cover(pixels: np.ndarray, size) -> np.ndarray:
    """The image scaled until it covers the size, and its centre cut out.

    So of 256 x 256 pixels the short side is resized to 256, and the long one
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
    # Rounding may put an edge outside by a last bit.
    box = (left, top, min(left + wide, width), min(top + tall, height))
    return resize(pixels, size, tuple(max(0.0, edge) for edge in box))
