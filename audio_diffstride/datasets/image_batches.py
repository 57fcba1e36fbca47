"""Batches of images: random crops to train on, every image once to evaluate.

How an image is cropped is told by name:

    "none"       not at all
    "padded"     in training, a window of the image's own size, anywhere in
                 the image with an eighth of its side (4 of 32 pixels) of
                 zeros around it
    "inception"  in training, a rectangle of 8 to 100 % of the area, its sides
                 3:4 to 4:3, resized; in evaluation, the centre 7/8 of the
                 sides, which is 224 of 256 pixels
"""

from __future__ import annotations

import math

import keras
import numpy as np

from audio_diffstride.datasets.image_resizing import resize
from audio_diffstride.datasets.images import Images
from audio_diffstride.datasets.training_examples import TrainingExamples

_PADDING = 1 / 8
_AREA = (0.08, 1.0)
_LOG_ASPECT = (math.log(3 / 4), math.log(4 / 3))
_ATTEMPTS = 10  # at a rectangle that fits into the image
_CENTRE = 7 / 8


class TrainingImages(TrainingExamples):
    """Images varied at random; see `TrainingExamples`.

    Args:
        images: where they come from.
        crop: "none", "padded" or "inception".
        flip: whether half of them, drawn at random, are mirrored left to
            right, where the data set may be.
        size: (height, width) that "inception" crops are resized to.
        *args: for `TrainingExamples`: batch_size, num_steps, and so on.
        **kwargs: the same.

    The inputs are uint8 of shape (batch, height, width, channels).

    References:
        "inception": Szegedy et al., 2015, https://arxiv.org/abs/1409.4842,
        section 6.
    """

    # To flip; to place a padded crop; or the attempts at a rectangle.
    NUM_RANDOM_VALUES = 1 + 4 * _ATTEMPTS

    def __init__(
        self, images: Images, crop: str, flip: bool, size, *args, **kwargs
    ):
        super().__init__(images, *args, **kwargs)
        self._crop = crop
        self._flip = flip and images.may_mirror
        self._size = tuple(size)

    def make_inputs(self, chosen, numbers):
        pixels = self._clips.pixels[chosen]
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
    """Windows of the images' own size out of images padded with zeros.

    Args:
        pixels: of shape (images, height, width, channels).
        numbers: from 0 to 1, of shape (images, 2): how far down and right.
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
    pixels: np.ndarray, size: tuple[int, int], numbers: np.ndarray
) -> np.ndarray:
    """Rectangles of random area and shape, resized to one size.

    Args:
        pixels: of shape (images, height, width, channels).
        size: (height, width) to resize to, bilinearly.
        numbers: from 0 to 1, of shape (images, 4 * attempts).
    """
    crops = [
        resize(image, size, rectangle(*image.shape[:2], own.reshape(-1, 4)))
        for image, own in zip(pixels, numbers)
    ]
    return np.stack(crops) if crops else pixels[:0]


def rectangle(height: int, width: int, attempts) -> tuple[float, ...]:
    """A random rectangle inside an image; all of it if no attempt fits.

    Args:
        height: of the image.
        width: of the image.
        attempts: rows of four numbers from 0 to 1: of the area, the aspect,
            and how far down and right.

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
        images: where they come from.
        crop: as in training; see the module's text.
        batch_size: images per batch.

    Attributes:
        clip_of_window: the image that each input is of: as for sound, where
            a clip has several.
        weights: of each input, which is 1.

    Batches are `(pixels,)`: uint8 of shape (batch, height, width, channels).
    """

    def __init__(self, images: Images, crop: str, batch_size: int):
        super().__init__()
        self._images = images
        self._crop = crop
        self._batch_size = batch_size
        self.clip_of_window = np.arange(len(images))
        self.weights = np.ones(len(images))

    def __len__(self):
        return -(-len(self._images) // self._batch_size)

    def __getitem__(self, index):
        begin = index * self._batch_size
        pixels = self._images.pixels[begin : begin + self._batch_size]
        if self._crop == "inception":
            pixels = centre(pixels)
        return (np.ascontiguousarray(pixels),)


def centre(pixels: np.ndarray) -> np.ndarray:
    """The centre of images, 7/8 of each side.

    >>> centre(np.zeros((1, 256, 256, 3))).shape
    (1, 224, 224, 3)
    """
    height, width = pixels.shape[1:3]
    tall, wide = (max(1, round(_CENTRE * n)) for n in (height, width))
    top, left = (height - tall) // 2, (width - wide) // 2
    return pixels[:, top : top + tall, left : left + wide]
