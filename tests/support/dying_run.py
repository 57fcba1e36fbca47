"""A tiny training that is killed at a chosen moment, as if from outside.

    python -m tests.support.dying_run STORE WORKDIR MOMENT COUNT [CONFIG]

It dies by SIGKILL at the COUNTth moment of a kind:

    step        in a training step
    validation  during the validation after an epoch
    write       when half of a file is written
    written     when a file has just got its name
"""

import contextlib
import os
import pathlib
import signal
import sys

import pytest

from audio_diffstride import errors, training
from audio_diffstride.datasets.clips import ClipStore
from audio_diffstride.evaluation import inference
from audio_diffstride.files import atomic
from audio_diffstride.recordings import background
from audio_diffstride.training import finite
from tests.support.augmented import switch_all_on
from tests.support.synthetic import tiny_config


def three_epochs():
    """A config of three epochs of two steps, with a network of one block.

    It learns its strides and its folding.
    """
    config = tiny_config(
        channels=(4,), strides=((2, 2),), folding=0.5, learn_folding=True
    )
    config.training.num_steps = 6
    return config


def whole_recipe(folder):
    """A config with everything on, of eight epochs; it stops after three.

    Its rate is too low to tell the two classes apart.

    Args:
        folder: of the background noise and its store; see `switch_all_on`.
    """
    config = three_epochs()
    config.training.update(
        num_steps=16,
        optimizer="adamw",
        weight_decay=0.1,
        learning_rate=1e-5,
        warmup_steps=3,
        clip_norm=0.1,
        ema_momentum=0.6,
        early_stopping_epochs=2,
        monitor="label:balanced_accuracy",
    )
    config.evaluation.hop_s = 0.3
    config.evaluation.pooling = "mean_probabilities"
    switch_all_on(config, folder)
    background.prepare(config)  # its files are no moments of the run
    return config


# Each is called with a folder that stays.
CONFIGS = {
    "three_epochs": lambda folder: three_epochs(),
    "whole_recipe": whole_recipe,
}


@contextlib.contextmanager
def moments(on_step, on_validation, on_partial, on_written):
    """Calls a function at every moment of each kind.

    Args:
        on_step: called without arguments.
        on_validation: called without arguments.
        on_partial: called with the temporary path of a file, when complete.
        on_written: called with the path of a file.
    """
    after_step = finite.TerminateOnNonFinite.on_train_batch_end
    logits = inference.recording_logits
    atomic_file = atomic.atomic_file

    def step(*args, **kwargs):
        on_step()
        return after_step(*args, **kwargs)

    def validation(*args, **kwargs):
        result = logits(*args, **kwargs)
        on_validation()
        return result

    @contextlib.contextmanager
    def write(path):
        with atomic_file(path) as partial:
            yield partial
            on_partial(partial)
        on_written(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finite.TerminateOnNonFinite, "on_train_batch_end", step)
        patch.setattr(inference, "recording_logits", validation)
        patch.setattr(atomic, "atomic_file", write)
        yield


@contextlib.contextmanager
def recorded_moments():
    """Yields the moments of the runs within: [name of the file or ""]."""
    kinds = {"step": [], "validation": [], "write": []}
    with moments(
        on_step=lambda: kinds["step"].append(""),
        on_validation=lambda: kinds["validation"].append(""),
        on_partial=lambda partial: None,
        on_written=lambda path: kinds["write"].append(pathlib.Path(path).name),
    ):
        yield kinds


def kill_at(kind: str, count: int):
    """A context that kills this process at the given moment."""
    calls = dict.fromkeys(("step", "validation", "write", "written"), 0)

    def come(here: str, partial=None):
        calls[here] += 1
        if here == kind and calls[here] == count:
            if partial:
                os.truncate(partial, partial.stat().st_size // 2)
            os.kill(os.getpid(), signal.SIGKILL)

    return moments(
        on_step=lambda: come("step"),
        on_validation=lambda: come("validation"),
        on_partial=lambda partial: come("write", partial),
        on_written=lambda path: come("written"),
    )


def main(words) -> int:
    """Trains; returns the exit status, if it does not die."""
    store, workdir, kind, count, *name = words
    config = CONFIGS[name[0] if name else "three_epochs"](
        pathlib.Path(store).parent
    )
    with errors.report_user_errors(), kill_at(kind, int(count)):
        training.train(config, workdir, [ClipStore(store)])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
