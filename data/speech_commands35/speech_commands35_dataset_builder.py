"""Speech Commands v0.02: 35 spoken words, in their official splits.

TFDS's own `speech_commands` has 12 classes: ten words, silence, and one class
for all other words. Here every word is a class, and nothing is cut or added.
"""

from __future__ import annotations

import hashlib
import io
import pathlib
from collections.abc import Iterator
from typing import Any

import tensorflow_datasets as tfds

from audio_diffstride.audio.reading import read_audio
from audio_diffstride.errors import UserError
from data import archives, tar_files
from data.features import recording_features

WORDS = (
    "backward bed bird cat dog down eight five follow forward four go happy "
    "house learn left marvin nine no off on one right seven sheila six stop "
    "three tree two up visual wow yes zero"
).split()
ARCHIVE = archives.Archive(
    url="http://download.tensorflow.org/data/speech_commands_v0.02.tar.gz",
    pattern="speech_commands*.tar.gz",
    num_bytes=2_428_923_189,
)

_LISTS = {"validation_list.txt": "validation", "testing_list.txt": "test"}
_NO_WORD = "_background_noise_"
_HASH_MAX = 2**27 - 1
_VALIDATION_PERCENT = 10
_TEST_PERCENT = 10


def speaker_of(file_name: str) -> str:
    """The hash of the speaker in the name "<speaker>_nohash_<n>.wav"."""
    return file_name.partition("_nohash_")[0]


def split_by_hash(file_name: str) -> str:
    """The split of a recording by the official rule.

    All recordings of a speaker are in one split. The official lists were made
    with this rule (`which_set` in TensorFlow's speech_commands example). It
    agrees with them for every recording.

    >>> split_by_hash("a69b9b3e_nohash_0.wav")
    'validation'
    """
    digest = hashlib.sha1(speaker_of(file_name).encode()).hexdigest()
    percent = int(digest, 16) % (_HASH_MAX + 1) * (100.0 / _HASH_MAX)
    if percent < _VALIDATION_PERCENT:
        return "validation"
    if percent < _VALIDATION_PERCENT + _TEST_PERCENT:
        return "test"
    return "train"


def read_lists(archive: pathlib.Path) -> dict[str, str]:
    """Reads the official lists of recordings for validation and testing.

    Args:
        archive: with or without the two lists.

    Returns:
        {"word/file.wav": split}, empty for an archive without lists.

    Raises:
        UserError: if only one of the lists is there.
    """
    listed: dict[str, str] = {}
    missing = set(_LISTS)
    files = tar_files.read(archive, lambda path: _tail(path, 1) in _LISTS)
    for path, content in files:
        split = _LISTS[_tail(path, 1)]
        names = content.decode(errors="replace").split()
        listed |= dict.fromkeys(names, split)
        missing.discard(_tail(path, 1))
        if not missing:
            break
    if len(missing) == 1:
        raise UserError(
            f"{archive} lacks {missing.pop()} but holds the other list; pack "
            "both, or neither to split by the official hash of the speaker"
        )
    return listed


def _recording(path: str, archive: pathlib.Path) -> str | None:
    """The "word/file.wav" of a path in the archive; None for other files."""
    recording = _tail(path, 2)
    word = recording.rpartition("/")[0]
    if not path.endswith(".wav") or word == _NO_WORD:
        return None
    if word not in WORDS:
        raise UserError(
            f"{archive} holds {path}, but {word!r} is none of the 35 words; "
            "name each folder after one word"
        )
    return recording


def _tail(path: str, num_parts: int) -> str:
    # The user's own archive may have a folder around the words.
    return "/".join(path.split("/")[-num_parts:])


class Builder(tfds.core.GeneratorBasedBuilder):
    """TFDS builder of Speech Commands with all words as classes."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "All 35 words, official splits."}
    MANUAL_DOWNLOAD_INSTRUCTIONS = (
        "Put speech_commands_v0.02.tar.gz, or an archive with some of its "
        "words, into a folder DIR of its own and run `python -m data.prepare "
        "--dataset speech_commands35 --manual_dir DIR`."
    )

    def _info(self) -> tfds.core.DatasetInfo:
        return self.dataset_info_from_configs(
            features=recording_features(word=WORDS),
            homepage="https://arxiv.org/abs/1804.03209",
        )

    def _split_generators(self, dl_manager: Any) -> dict[str, Any]:
        archive = archives.find(dl_manager, {"words": ARCHIVE})["words"]
        listed = read_lists(archive)
        return {
            split: self._generate_examples(archive, split, listed)
            for split in ("train", "validation", "test")
        }

    def _generate_examples(
        self, archive: pathlib.Path, split: str, listed: dict[str, str]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        # Each split reads the whole archive and skips other files: 16 s per
        # pass, while decoding and writing take about 200 s in all. Keeping the
        # files of the other splits would take 3.4 GB of disk.
        def wanted(path: str) -> bool:
            recording = _recording(path, archive)
            return recording is not None and split == (
                listed.get(recording, "train")
                if listed
                else split_by_hash(_tail(path, 1))
            )

        is_empty = True
        for path, content in tar_files.read(archive, wanted):
            is_empty = False
            recording = _tail(path, 2)
            word, file_name = recording.split("/")
            yield (
                recording,
                {
                    "audio": read_audio(
                        io.BytesIO(content),
                        name=f"{path} in {archive}",
                    ),
                    "word": word,
                    "file": recording,
                    "group": speaker_of(file_name),
                },
            )
        if is_empty:
            raise UserError(
                f"{archive} holds no recording of the {split} split; "
                "give an archive with more speakers"
            )
