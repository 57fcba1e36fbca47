"""Images: 8-bit pixels, all of one size.

The store of a data set (see `store_files`) has two files per split:

    <split>.pixels  all images, one after the other: rows of pixels of
                    1 (grey) or 3 (RGB) bytes
    <split>.csv     for each image its source file and its group
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from audio_diffstride.datasets.kinds import Label
from audio_diffstride.datasets.store_files import TEXT, Store
from audio_diffstride.datasets.store_writer import StoreWriter
from audio_diffstride.files import json_files


@dataclasses.dataclass(frozen=True)
class Images:
    """The images of one split.

    Attributes:
        pixels: uint8, of shape (images, height, width, channels).
        may_mirror: whether a mirror image keeps its class.
        labels: {task: class index of each image, or `NO_LABEL`}. With several
            labels a row of 1, 0 and `NO_LABEL` for each image.
        files: name of each image in its data set, as text.
        groups: group of each image, or "", as text. A group stays in one
            split.
    """

    pixels: np.ndarray
    may_mirror: bool
    labels: dict[str, np.ndarray]
    files: np.ndarray
    groups: np.ndarray

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> np.ndarray:
        """The pixels of one image, of shape (height, width, channels)."""
        return self.pixels[index]

    def is_complete(self) -> bool:
        """Whether every file has pixels."""
        return len(self.pixels) == len(self.files)

    def only(self, chosen: np.ndarray) -> Images:
        """Some of the images, by their indices."""
        return dataclasses.replace(
            self,
            pixels=self.pixels[chosen],
            labels={task: each[chosen] for task, each in self.labels.items()},
            files=self.files[chosen],
            groups=self.groups[chosen],
        )

    @property
    def starts_s(self) -> np.ndarray:
        """Zeros, so that images can be listed as clips are."""
        return np.zeros(len(self))


class ImageStore(Store):
    """Prepared images on disk.

    Attributes:
        image_shape: [height, width, channels] of every image.
        may_mirror: whether a mirror image keeps its class.
    """

    HOLDS = "images"
    SUFFIX = "pixels"
    COLUMNS = {"file": TEXT, "group": TEXT}
    ATTRIBUTES = {"image_shape": [json_files.POSITIVE], "may_mirror": bool}

    image_shape: list[int]
    may_mirror: bool

    def _read(
        self,
        split: str,
        columns: dict[str, np.ndarray],
        labels: dict[str, np.ndarray],
    ) -> Images:
        height, width, channels = self.image_shape
        pixels = np.memmap(
            self.path / f"{split}.{self.SUFFIX}", np.uint8, mode="r"
        )
        return Images(
            pixels=pixels.reshape(-1, height, width, channels),
            may_mirror=self.may_mirror,
            labels=labels,
            files=columns["file"],
            groups=columns["group"],
        )


class ImageStoreWriter(StoreWriter):
    """Writes an `ImageStore`.

    Example:
        with ImageStoreWriter.open(
            path,
            name="digits",
            tasks={"digit": ["0", "1"]},
            image_shape=[8, 8, 1],
            may_mirror=False,
            fingerprint=fingerprint,
            split_name="official",
        ) as writer:
            writer.add("train", pixels, {"digit": "0"})
    """

    STORE = ImageStore

    def add(
        self,
        split: str,
        pixels: np.ndarray,
        labels: Mapping[str, Label],
        file: str = "",
        group: str = "",
    ) -> None:
        """Appends an image.

        Args:
            split: "train", "validation" or "test".
            pixels: uint8, of the store's `image_shape`.
            labels: {task: class name, or `Labels` of several}; tasks without
                a label are left out.
            file: the name of the image.
            group: the group, or "".

        Raises:
            ValueError: for pixels of another type or shape.
        """
        pixels = np.asarray(pixels)
        shape = tuple(self._attributes["image_shape"])
        if pixels.dtype != np.uint8 or pixels.shape != shape:
            raise ValueError(
                f"`pixels` must be uint8 of shape {shape}. "
                f"Received: {pixels.dtype} of shape {pixels.shape}"
            )
        self._append(split, pixels.tobytes(), [file, group], labels)
