"""A tiny training that is killed at a chosen moment, as if from outside.

    python -m tests.dying_run STORE WORKDIR MOMENT COUNT

dies by SIGKILL the COUNTth time that the moment comes: "step" (in a training
step), "validation" (in the midst of one), "write" (a file is half written,
whichever it is), "written" (a file has just got its name).
"""

import contextlib
import os
import signal
import sys

from audio_diffstride import training
from audio_diffstride.datasets.clips import ClipStore
from audio_diffstride.evaluation import inference
from audio_diffstride.files import atomic
from audio_diffstride.training import finite
from tests.support.synthetic import tiny_config


def three_epochs():
    """The config of the runs that are stopped, in steps of two."""
    config = tiny_config()
    config.training.num_steps = 6
    return config


def _dies(count: int):
    """A function that kills this process when it is called that often."""
    calls = iter(range(1, count + 1))

    def come():
        if next(calls) == count:
            os.kill(os.getpid(), signal.SIGKILL)

    return come


def die_at(moment: str, count: int):
    """Arranges for this process to be killed."""
    come = _dies(count)
    after_step = finite.TerminateOnNonFinite.on_train_batch_end
    logits = inference.recording_logits
    whole_path = atomic.atomic_path

    def step(*args, **kwargs):
        come()
        return after_step(*args, **kwargs)

    def validation(*args, **kwargs):
        result = logits(*args, **kwargs)
        come()
        return result

    @contextlib.contextmanager
    def write(path):
        with whole_path(path) as partial:
            yield partial
            size = partial.stat().st_size
            os.truncate(partial, size // 2)
            come()
            raise AssertionError("only the last write may be cut")

    @contextlib.contextmanager
    def counted_write(path):
        nonlocal count
        count -= 1
        with (write if count == 0 else whole_path)(path) as partial:
            yield partial

    @contextlib.contextmanager
    def written(path):
        with whole_path(path) as partial:
            yield partial
        come()

    if moment == "step":
        finite.TerminateOnNonFinite.on_train_batch_end = step
    elif moment == "validation":
        inference.recording_logits = validation
    elif moment == "write":
        come = _dies(1)
        atomic.atomic_path = counted_write
    else:
        atomic.atomic_path = written


if __name__ == "__main__":
    store, workdir, moment, count = sys.argv[1:]
    die_at(moment, int(count))
    training.train(three_epochs(), workdir, [ClipStore(store)])
