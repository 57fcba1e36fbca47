"""The pictures of what each change of training windows does."""

import matplotlib.image
import numpy as np

from studies import augmentation_pictures as pictures
from tests.support.synthetic import tone

SOUND = (20_000 * tone(440, 1.0)).astype("int16")
NOISE = np.random.default_rng(0).normal(0, 3000, 40_000).astype("int16")


def test_every_change_changes_the_spectrogram_of_a_window():
    for augmentation in pictures.changes(NOISE).values():
        (_, before), *after = pictures.panels(SOUND, augmentation)
        assert before.shape == (100, 64)
        assert len(after) == 3
        assert max(np.abs(values - before).max() for _, values in after) > 1


def test_mixtures_are_drawn_with_their_parts(tmp_path):
    shown = pictures.mixtures(SOUND, SOUND[::-1].copy())
    assert [title.split(",")[0] for title, _ in shown] == [
        *("first", "second", "mixup", "loudness")
    ]
    pictures.draw(shown, tmp_path / "a.png")
    assert matplotlib.image.imread(tmp_path / "a.png").std() > 0.1
