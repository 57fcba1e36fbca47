"""A run of a tiny, untrained model, with validation recordings to fit on."""

import pathlib

from audio_diffstride.__main__ import call
from audio_diffstride.datasets.clips import ClipStore, ClipStoreWriter
from tests.support import finished_run
from tests.support.synthetic import tone

TASKS = {"a": ["x", "y"], "b": ["1", "2", "3"]}
GROUPS = ("ann", "bob", "cy")
NUM_CLIPS = 36


def write_store(path, split="validation", tasks=TASKS, groups=GROUPS):
    """A store with a train split and another; clips of 0.5 to 0.9 s."""
    with ClipStoreWriter.open(
        path,
        name="own",
        tasks=tasks,
        sample_rate_hz=16000,
        fingerprint="1",
        split_name="own",
    ) as writer:
        for index in range(NUM_CLIPS):
            labels = {
                task: names[index % len(names)] for task, names in tasks.items()
            }
            samples = tone(
                300 + 100 * index, 0.5 + 0.1 * (index % 5), seed=index
            )
            samples = (20000 * samples).astype("int16")
            group = groups[index // 12] if groups else ""
            for part in ("train", split):
                writer.add(part, samples, labels, f"{index}.wav", group=group)
    return ClipStore(path)


def write(folder, **kwargs) -> pathlib.Path:
    """A run with its data, below a folder; not calibrated yet."""
    store = write_store(folder / "store", **kwargs)
    return finished_run.write(
        folder / "run", [store], channels=(4,), strides=((2, 2),)
    )


def calibrate(workdir, *more):
    """The command on a run."""
    call("calibrate", ["--workdir", str(workdir), *map(str, more)])
