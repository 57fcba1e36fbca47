"""Numbers that are not finite stop a run before they are kept."""

import keras
import numpy as np
import pytest

from audio_diffstride import models, training
from audio_diffstride.datasets.clips import ClipStore, ClipStoreWriter
from audio_diffstride.errors import UserError
from audio_diffstride.training import batches, finite
from tests.support.eager import eagerly
from tests.support.synthetic import tiny_config, write_store

SECOND = 16000


def small_config():
    """A config with a network of one block."""
    return tiny_config(channels=(4,), strides=((2, 2),))


def assert_finite(workdir):
    for which in ("best", "last"):
        model = keras.saving.load_model(workdir / f"{which}.keras")
        for variable in (*model.variables, *model.optimizer.variables):
            assert np.isfinite(np.array(variable)).all(), variable.path
        for block in model.encoder.blocks:
            assert (np.array(block.strides) >= 1).all()


def test_a_loss_that_is_not_finite_names_its_step_and_its_recordings(
    tmp_path, monkeypatch
):
    store = write_store(tmp_path / "store")
    config = small_config()
    # The first epoch is fine; in the second the weights are sent away.
    begin = finite.TerminateOnNonFinite.on_epoch_begin

    def send_away(self, epoch, logs=None):
        begin(self, epoch, logs)
        if epoch == 1:
            kernel = self.model.heads[0].kernel
            kernel.assign(np.full(kernel.shape, np.inf))

    monkeypatch.setattr(
        finite.TerminateOnNonFinite, "on_epoch_begin", send_away
    )
    with pytest.raises(UserError) as raised:
        training.train(config, tmp_path / "run", [store])
    examples = batches.training_examples(config, [store])
    message = str(raised.value)
    assert "at step 3, on " in message
    assert all(file in message for file in examples.files(2))
    assert "\n" not in message
    assert_finite(tmp_path / "run")
    rows = (tmp_path / "run" / "history.csv").read_text().splitlines()
    assert len(rows) == 2 and "nan" not in rows[1]
    names = [p.name for p in (tmp_path / "run" / "checkpoints").iterdir()]
    assert names == ["step-2.checkpoint"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "field, value",
    [
        ("learning_rate", 1.0),
        ("learning_rate", 1e30),
        ("stride_step_ratio", 1e4),
        ("stride_step_ratio", 1e38),
    ],
)
def test_steps_of_any_size_keep_strides_in_bounds_or_stop_the_run(
    field, value, tmp_path
):
    store = write_store(tmp_path / "store")
    config = tiny_config()
    config.training[field] = value
    config.training.schedule = "constant"
    workdir = tmp_path / "run"
    try:
        training.train(config, workdir, [store])
    except UserError as error:
        assert "finite" in str(error) or "loss is" in str(error)
    if (workdir / "last.keras").exists():
        assert_finite(workdir)


def test_extreme_recordings_train_to_finite_weights(tmp_path):
    time = np.arange(SECOND)
    sounds = {
        "square": np.where(time // 20 % 2, 32767, -32768),
        "silence": np.zeros(SECOND),
        "constant": np.full(SECOND, 32767),
        "impulse": np.where(time == SECOND // 2, -32768, 0),
    }
    with ClipStoreWriter.open(
        tmp_path / "store",
        name="extreme",
        tasks={"sound": list(sounds)},
        sample_rate_hz=16000,
        fingerprint="",
        split_name="own",
    ) as writer:
        for name, samples in sounds.items():
            writer.add("train", samples.astype("int16"), {"sound": name})
    store = ClipStore(tmp_path / "store")
    with eagerly():
        training.train(small_config(), tmp_path / "run", [store])
    assert_finite(tmp_path / "run")


def test_a_step_that_fails_for_a_weight_names_the_weight(tmp_path, monkeypatch):
    """As a stride that is not a number does: the backend refuses its sizes."""

    def fit(model, *args, **kwargs):
        first = model.trainable_variables[0]
        first.assign(first * float("nan"))
        raise RuntimeError("Requires start <= limit")

    store = write_store(tmp_path / "store")
    monkeypatch.setattr(models.AudioClassifier, "fit", fit)
    with pytest.raises(UserError, match="is no longer finite at step 0; train"):
        training.train(tiny_config(), tmp_path / "run", [store])


def test_another_failure_of_a_step_stays_what_it_is(tmp_path, monkeypatch):
    def fit(model, *args, **kwargs):
        raise RuntimeError("no space left")

    store = write_store(tmp_path / "store")
    monkeypatch.setattr(models.AudioClassifier, "fit", fit)
    with pytest.raises(RuntimeError, match="no space left"):
        training.train(tiny_config(), tmp_path / "run", [store])
