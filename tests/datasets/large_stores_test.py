"""What opening and drawing take of memory, and of the disk."""

import tracemalloc

import numpy as np
import pytest

from audio_diffstride.datasets import store_files
from audio_diffstride.datasets.clips import ClipStore, ClipStoreWriter
from audio_diffstride.datasets.kinds import SEVERAL_LABELS, Labels

CLASSES = [f"bird {index}" for index in range(200)]


def write(path, num_clips, kinds=None):
    with ClipStoreWriter.open(
        path,
        name="large",
        tasks={"bird": CLASSES},
        sample_rate_hz=16000,
        fingerprint="",
        split_name="own",
        kinds=kinds,
    ) as writer:
        for index in range(num_clips):
            name = CLASSES[index % len(CLASSES)]
            writer.add(
                "train",
                np.full(1 + index % 3, index % 30000, np.int16),
                {"bird": Labels((name,)) if kinds else name},
                file=f"a folder/recording {index:08d}.wav",
                start_s=index / 4,
                group=f"speaker {index // 10:06d}",
            )
    return ClipStore(path)


def opened(store):
    """Bytes that stay, and the most bytes while the split is opened."""
    tracemalloc.start()
    clips = store.examples("train")
    found = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(clips) == store.num_examples["train"]
    return found


@pytest.mark.parametrize(
    ("kinds", "bytes_per_clip"),
    [(None, 160), ({"bird": SEVERAL_LABELS}, 160 + len(CLASSES))],
)
def test_memory_grows_by_the_arrays_alone(
    kinds, bytes_per_clip, tmp_path, monkeypatch
):
    monkeypatch.setattr(store_files, "_ROWS_AT_ONCE", 100)
    sizes = 500, 3000
    small, large = (
        opened(write(tmp_path / f"{size}", size, kinds)) for size in sizes
    )
    for less, more in zip(small, large):
        assert (more - less) / (sizes[1] - sizes[0]) < bytes_per_clip


@pytest.mark.parametrize("rows_at_once", [1, 7, 20, 1000])
def test_the_rows_read_at_once_do_not_matter(
    rows_at_once, tmp_path, monkeypatch
):
    store = write(tmp_path / "store", 20)
    monkeypatch.setattr(store_files, "_ROWS_AT_ONCE", rows_at_once)
    clips = store.examples("train")
    assert clips.files.tolist() == [
        f"a folder/recording {index:08d}.wav" for index in range(20)
    ]
    assert clips.starts_s.tolist() == [index / 4 for index in range(20)]
    assert (
        clips.groups.tolist()
        == ["speaker 000000"] * 10 + ["speaker 000001"] * 10
    )
    assert clips.labels["bird"].tolist() == [*range(20)]
    assert clips.lengths.tolist() == [1 + index % 3 for index in range(20)]
