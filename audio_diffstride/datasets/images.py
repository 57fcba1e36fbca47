"""Images: 8-bit pixels, all of one size.

In the store of a data set (see `store_files`)

    <split>.pixels  is all images of a split, one after the other: rows of
                    pixels of 1 (grey) or 3 (RGB) bytes
    <split>.csv     has for each the file it came from, and its group
"""

from __future__ import annotations

import dataclasses

import numpy as np

from audio_diffstride.datasets.store_files import Store, StoreWriter


@dataclasses.dataclass(frozen=True)
class Images:
    """The images of one split.

    Attributes:
        pixels: uint8, of shape (images, height, width, channels).
        may_mirror: whether a mirror image is of the same class.
        labels: {task: class index of each image, or `NO_LABEL`}.
        files: what each image is called in its data set.
        groups: what must not be on both sides of a split, or "".
    """

    pixels: np.ndarray
    may_mirror: bool
    labels: dict[str, np.ndarray]
    files: list[str]
    groups: list[str]

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index: int) -> np.ndarray:
        """The pixels of one image, of shape (height, width, channels)."""
        return self.pixels[index]

    def is_whole(self) -> bool:
        """Whether there are pixels for every file."""
        return len(self.pixels) == len(self.files)

    @property
    def starts_s(self) -> list[float]:
        """As of clips; an image is all of its file."""
        return [0.0] * len(self)


class ImageStore(Store):
    """Prepared images on disk.

    Attributes:
        image_shape: [height, width, channels] of every image.
        may_mirror: whether a mirror image is of the same class.
    """

    HOLDS = "images"
    SUFFIX = "pixels"
    COLUMNS = ("file", "group")
    ABOUT = ("image_shape", "may_mirror")

    def _read(self, split: str, columns: dict, labels: dict) -> Images:
        pixels = np.memmap(
            self.path / f"{split}.{self.SUFFIX}", np.uint8, mode="r"
        )
        return Images(
            pixels=pixels.reshape(-1, *self.image_shape),
            may_mirror=self.may_mirror,
            labels=labels,
            files=list(columns["file"]),
            groups=list(columns["group"]),
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
        labels: dict[str, str],
        file: str = "",
        group: str = "",
    ):
        """Appends an image: uint8 pixels and a class name per task."""
        pixels = np.asarray(pixels)
        shape = tuple(self._about["image_shape"])
        if pixels.dtype != np.uint8 or pixels.shape != shape:
            raise ValueError(
                f"`pixels` must be uint8 of shape {shape}. "
                f"Received: {pixels.dtype} of shape {pixels.shape}"
            )
        self._append(split, pixels.tobytes(), [file, group], labels)
