"""Background: a class that is trained, and no label where several may be."""

import numpy as np
import pytest
import soundfile

from audio_diffstride.datasets.kinds import Labels
from audio_diffstride.errors import UserError
from audio_diffstride.recordings import manifest
from audio_diffstride.recordings.label_rule import LabelRule
from audio_diffstride.training import batches
from tests.support.synthetic import (
    tiny_config,
    tone,
    write_folder,
    write_store,
)

WIND = LabelRule(background=("wind", "rain"))


def read(folder, text, rule=LabelRule()):
    path = folder / "m.csv"
    path.write_text(text, encoding="utf-8")
    return [r.labels for r in manifest.read(path, rule=rule)]


def test_a_folder_of_background_is_a_class(tmp_path):
    write_folder(tmp_path, classes=("_background", "_unknown", "wren"), takes=1)
    names = manifest.class_names(manifest.read(tmp_path))
    assert names == {"label": ["_background", "_unknown", "wren"]}


def test_beside_joined_labels_it_is_none_of_the_classes(tmp_path):
    classes = ("_background", "_unknown", "wren", "robin,wren")
    write_folder(tmp_path, classes=classes, takes=1)
    recordings = manifest.read(tmp_path)
    assert manifest.class_names(recordings) == {
        "label": ["_unknown", "robin", "wren"]
    }
    assert {r.path.parent.name: r.labels["label"] for r in recordings} == {
        "_background": Labels(),
        "_unknown": Labels(("_unknown",)),
        "wren": Labels(("wren",)),
        "robin,wren": Labels(("robin", "wren")),
    }


def test_other_classes_become_background(tmp_path):
    text = "path,a\nx,wren\ny,wind\nz,rain\n"
    assert read(tmp_path, text, WIND) == [
        {"a": "wren"},
        {"a": "_background"},
        {"a": "_background"},
    ]
    text = "path,a\nx,wren;wind\ny,wind\nz,rain;?\n"
    assert read(tmp_path, text, WIND) == [
        {"a": Labels(("wren",))},
        {"a": Labels()},
        {"a": Labels((), absent=())},
    ]
    text = "path,a:wren,a:wind,a:rain\nx,1,1,0\ny,0,0,1\n"
    assert read(tmp_path, text, WIND) == [
        {"a": Labels(("wren",), absent=())},
        {"a": Labels((), absent=("wren",))},
    ]


def test_a_background_that_no_recording_has_is_refused(tmp_path):
    with pytest.raises(UserError, match="is 'rain', but the classes are a, w"):
        read(tmp_path, "path,a\nx,a\ny,wind\n", WIND)


def test_background_has_its_share_of_the_batches(tmp_path):
    store = write_store(
        tmp_path / "store", {"a": ["_background", "x", "y", "z"]}, num_clips=16
    )
    config = tiny_config()
    config.training.num_steps, config.training.batch_size = 100, 10
    config.data.background_share = 0.6
    drawn = batches.training_examples(config, [store])
    labels = [drawn[step][1]["a"] for step in range(100)]
    assert np.mean(np.concatenate(labels) == 0) == pytest.approx(0.6, abs=0.01)
    # A batch is a function of seed and step.
    later = batches.training_examples(config, [store], first_step=50)
    np.testing.assert_array_equal(later[0][1]["a"], labels[50])


def test_a_share_of_no_background_is_refused(tmp_path):
    config = tiny_config()
    config.data.background_share = 0.5
    store = write_store(tmp_path / "store", {"a": ["x", "y"]})
    with pytest.raises(UserError, match="no training example of a is backgr"):
        batches.training_examples(config, [store])


def test_a_config_says_how_labels_are_read():
    config = tiny_config()
    assert LabelRule.of_config(config) == LabelRule()
    config.data.annotations = "intervals"
    config.data.background_class = "wind, rain"
    rule = LabelRule.of_config(config)
    assert rule.background == ("wind", "rain")
    assert (rule.windows.window_s, rule.windows.hop_s) == (0.4, 0.2)
    config.data.annotation_hop_s = 0.3
    assert LabelRule.of_config(config).windows.hop_s == 0.3


def test_annotated_background_is_no_label(tmp_path):
    soundfile.write(tmp_path / "a.wav", tone(100, 2.0), 16000)
    config = tiny_config()
    config.window_s, config.data.annotation_hop_s = 1.0, 1.0
    config.data.annotations = "intervals"
    rule = LabelRule.of_config(config)
    text = "path,start_s,end_s,a\na.wav,0,1,wren\na.wav,1,2,_background\n"
    assert read(tmp_path, text, rule) == [
        {"a": Labels(("wren",))},
        {"a": Labels()},
    ]
