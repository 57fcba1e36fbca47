"""When a run ends early."""

import types

import numpy as np
import pytest

from audio_diffstride.errors import UserError
from audio_diffstride.training import early_stopping, machines
from audio_diffstride.training.monitor import Monitor
from audio_diffstride.training.progress import Progress
from tests.support.synthetic import tiny_config


@pytest.mark.parametrize("text, sign", [("accuracy", 1), ("a:loss", -1)])
def test_it_ends_when_no_later_score_beats_the_best(text, sign):
    monitor = Monitor(text)
    rng = np.random.default_rng(0)
    for _ in range(200):
        scores = rng.integers(0, 6, rng.integers(1, 9)) / 6
        rows = [{"epoch": 0, monitor.column: score} for score in scores]
        for patience in range(1, 9):
            late, early = scores[-patience:], scores[:-patience]
            expected = bool(
                len(early) and max(sign * late) <= max(sign * early)
            )
            assert early_stopping.is_over(rows, monitor, patience) == expected
        assert not early_stopping.is_over(rows, monitor, 0)


def test_without_scores_no_run_ends():
    assert not early_stopping.is_over([], Monitor(), 3)
    assert not early_stopping.is_over([{"epoch": 0}] * 9, Monitor(), 3)


def test_it_needs_a_validation_set():
    config = tiny_config()
    with_one, without = (
        types.SimpleNamespace(num_examples={"train": 9, "validation": count})
        for count in (3, 0)
    )
    early_stopping.check(config, [without])
    config.training.early_stopping_epochs = 4
    early_stopping.check(config, [without, with_one])
    with pytest.raises(UserError, match="epochs is 4, but the data have no va"):
        early_stopping.check(config, [without])


def test_a_process_without_scores_stops_when_the_first_says_so(
    tmp_path, monkeypatch
):
    answers = iter([False, True])
    monkeypatch.setattr(
        machines, "broadcast_from_first", lambda decide: next(answers)
    )
    progress = Progress(tmp_path, 2, writes=False, early_stopping_epochs=1)
    model = types.SimpleNamespace(stop_training=False)
    progress.set_model(model)
    for epoch, num_steps in ((0, 2), (1, 1), (1, 2)):  # one is cut short
        assert not model.stop_training
        progress.on_epoch_begin(epoch)
        for batch in range(num_steps):
            progress.on_train_batch_end(batch)
        progress.on_epoch_end(epoch)
    assert model.stop_training and progress.stopped_early
    assert progress.saved_step == 4 and not list(tmp_path.iterdir())
