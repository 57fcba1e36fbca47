"""Build a data set with TFDS: find its builder, download, prepare."""

from __future__ import annotations

import importlib
import pathlib
from typing import Any

from audio_diffstride.errors import UserError
from audio_diffstride.terminal import packages
from data import archives
from data.dataset import Dataset

# By default TFDS tries ten times, for minutes, without a network.
_DOWNLOAD_RETRIES = 1


def make_builder(dataset: Dataset, data_dir: pathlib.Path) -> Any:
    """The TFDS builder of a data set.

    Args:
        dataset: in the catalogue.
        data_dir: for TFDS's files.

    Raises:
        UserError: if TensorFlow or TFDS is not installed.
    """
    for module in ("tensorflow", "tensorflow_datasets"):
        packages.require(module)  # training on other backends needs neither
    import tensorflow_datasets as tfds

    if dataset.module:
        importlib.import_module(dataset.module)
    # A tfrecord is three times as large: it stores samples as varints.
    return tfds.builder(
        dataset.name, data_dir=data_dir, file_format="array_record"
    )


def build(
    dataset: Dataset,
    builder: Any,
    download_dir: pathlib.Path,
    manual_dir: str | None,
    max_examples: int | None,
) -> None:
    """Lets TFDS download and prepare a data set.

    Args:
        dataset: in the catalogue.
        builder: from `make_builder`.
        download_dir: for downloaded archives.
        manual_dir: a folder with the archives; None downloads them.
        max_examples: per TFDS split; None is all.

    Raises:
        UserError: if the disk is too full, or there is no network.
    """
    import requests
    import tensorflow_datasets as tfds
    from tensorflow_datasets.core.download import downloader

    downloader.MAX_RETRIES = _DOWNLOAD_RETRIES
    # For TFDS's own data sets. Our builders check the sizes of their archives.
    download_bytes = int(builder.info.download_size or 0)
    archives.check_free_space(builder.data_dir, download_bytes)
    config = tfds.download.DownloadConfig(
        max_examples_per_split=max_examples, register_checksums=False
    )
    if manual_dir is not None:
        config.manual_dir = str(pathlib.Path(manual_dir).expanduser())
    try:
        builder.download_and_prepare(
            download_dir=str(download_dir), download_config=config
        )
    except requests.exceptions.RequestException as error:
        raise UserError(
            f"{dataset.name} cannot be downloaded ({type(error).__name__}); "
            "download its archives on another machine, and run `python -m "
            f"data.prepare --dataset {dataset.name} --manual_dir DIR` here"
        ) from error
