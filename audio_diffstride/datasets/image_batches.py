"""Batches of images: random crops for training, each image once to evaluate.

A crop has a name:

    "none"       the image as it is
    "padded"     in training, pad each side with zeros, an eighth of the image
                 (4 of 32 pixels); then cut a window of the image's own size
                 at a random place
    "inception"  in training, cut a rectangle of 8 to 100 % of the area, with
                 sides 3:4 to 4:3, and resize it; in evaluation, cut the centre
                 7/8 of each side (224 of 256 pixels)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from audio_diffstride.datasets.image_resizing import resize
from audio_diffstride.datasets.images import Images
from audio_diffstride.datasets.training_examples import TrainingExamples

_PADDING = 1 / 8
_AREA = (0.08, 1.0)  # share of the image
_LOG_ASPECT = (math.log(3 / 4), math.log(4 / 3))
_ATTEMPTS = 10  # to find a rectangle inside the image
_CENTRE = 7 / 8


class TrainingImages(TrainingExamples):
    """Batches of randomly cropped and mirrored images.

    Args:
        images: the source.
        crop: "none", "padded" or "inception".
        flip: whether to mirror a random half of the images left to right, if
            the data set allows it.
        size: (height, width) of resized "inception" crops.
        *args: of `TrainingExamples`: batch_size, num_steps, and so on.
        **kwargs: of `TrainingExamples`.

    The inputs are uint8 of shape (batch, height, width, channels).

    References:
        "inception": Szegedy et al., 2015, https://arxiv.org/abs/1409.4842,
        section 6.
    """

    # One for the flip, then the place of a padded crop (2) or all attempts at
    # a rectangle (4 each).
    NUM_RANDOM_VALUES = 1 + 4 * _ATTEMPTS

    def __init__(
        self,
        images: Images,
        crop: str,
        flip: bool,
        size: Sequence[int],
        *args: Any,
        **kwargs: Any,
    ):
        super().__init__(images, *args, **kwargs)
        self._crop = crop
        self._flip = flip and images.may_mirror
        self._images = images
        self._size = tuple(size)

    def make_inputs(
        self,
        chosen: np.ndarray,
        numbers: np.ndarray,
        step: int,
        rows: np.ndarray,
    ) -> np.ndarray:
        """The crops of a batch; see `TrainingExamples.make_inputs`."""
        pixels = self._images.pixels[chosen]
        to_flip, to_crop = numbers[:, 0], numbers[:, 1:]
        if self._crop == "padded":
            pixels = padded_crops(pixels, to_crop[:, :2])
        elif self._crop == "inception":
            pixels = inception_crops(pixels, self._size, to_crop)
        if self._flip:
            mirrored = to_flip < 0.5
            pixels[mirrored] = pixels[mirrored, :, ::-1]
        return pixels


def padded_crops(pixels: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Pads images with zeros, and cuts windows of their own size.

    Args:
        pixels: of shape (images, height, width, channels).
        numbers: random numbers in [0, 1) for the places of the windows, of
            shape (images, 2): down, right.
    """
    height, width = pixels.shape[1:3]
    margins = [max(1, round(_PADDING * n)) for n in (height, width)]
    around = [(0, 0), *((margin, margin) for margin in margins), (0, 0)]
    padded = np.pad(pixels, around)
    places = np.floor(numbers * (2 * np.array(margins) + 1)).astype(np.int64)
    rows = places[:, :1] + np.arange(height)  # (images, height)
    columns = places[:, 1:] + np.arange(width)
    images = np.arange(len(pixels))[:, None, None]
    return padded[images, rows[:, :, None], columns[:, None, :]]


def inception_crops(
    pixels: np.ndarray, size: Sequence[int], numbers: np.ndarray
) -> np.ndarray:
    """Cuts rectangles of random area and shape, and resizes them.

    Args:
        pixels: of shape (images, height, width, channels).
        size: (height, width) of the result; the resizing is bilinear.
        numbers: random numbers in [0, 1), of shape (images, 4 * attempts); see
            `rectangle`.
    """
    height, width = pixels.shape[1:3]
    crops = [
        resize(image, size, rectangle(height, width, row.reshape(-1, 4)))
        for image, row in zip(pixels, numbers)
    ]
    return np.stack(crops) if crops else pixels[:0]


def rectangle(
    height: int, width: int, attempts: np.ndarray
) -> tuple[float, float, float, float]:
    """Draws a rectangle inside an image. It is the image if no attempt fits.

    Args:
        height: of the image.
        width: of the image.
        attempts: rows of four random numbers in [0, 1): for the area, the
            aspect, and the place down and right.

    Returns:
        (left, top, right, bottom).
    """
    for of_area, of_aspect, down, right in attempts:
        area = height * width * np.interp(of_area, (0, 1), _AREA)
        aspect = math.exp(np.interp(of_aspect, (0, 1), _LOG_ASPECT))
        tall, wide = math.sqrt(area / aspect), math.sqrt(area * aspect)
        if tall <= height and wide <= width:
            top, left = down * (height - tall), right * (width - wide)
            return (left, top, left + wide, top + tall)
    return (0, 0, width, height)


class EvaluationImages(keras.utils.PyDataset):
    """Every image once, in order.

    Args:
        images: the source.
        crop: as in training; see the module's docstring.
        batch_size: images per batch.

    Attributes:
        clip_of_window: index of the image of each input. A sound clip has
            several inputs, an image has one.
        weights: of each input, all 1.

    Batches are `(pixels,)`: uint8 of shape (batch, height, width, channels).
    """

    def __init__(self, images: Images, crop: str, batch_size: int):
        super().__init__()
        self._images = images
        self._crop = crop
        self._batch_size = batch_size
        self.clip_of_window = np.arange(len(images))
        self.weights = np.ones(len(images))

    def __len__(self) -> int:
        return -(-len(self._images) // self._batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray]:
        begin = index * self._batch_size
        pixels = self._images.pixels[begin : begin + self._batch_size]
        if self._crop == "inception":
            pixels = crop_centre(pixels)
        return (np.ascontiguousarray(pixels),)


def crop_centre(pixels: np.ndarray) -> np.ndarray:
    """Cuts the centre of images, 7/8 of each side.

    >>> crop_centre(np.zeros((1, 256, 256, 3))).shape
    (1, 224, 224, 3)
    """
    height, width = pixels.shape[1:3]
    tall, wide = (max(1, round(_CENTRE * n)) for n in (height, width))
    top, left = (height - tall) // 2, (width - wide) // 2
    return pixels[:, top : top + tall, left : left + wide]
