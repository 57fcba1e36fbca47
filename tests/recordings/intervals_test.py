"""Windows of annotated recordings: where they lie, and their labels."""

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from audio_diffstride.datasets.kinds import NO_LABEL, SEVERAL_LABELS, Labels
from audio_diffstride.errors import UserError
from audio_diffstride.predict import streams
from audio_diffstride.recordings import intervals, manifest, preparation
from audio_diffstride.recordings.annotation import Annotation
from audio_diffstride.recordings.intervals import WindowRule
from audio_diffstride.recordings.label_rule import LabelRule
from audio_diffstride.recordings.recording import Recording
from tests.support.synthetic import tone

HALVES = LabelRule(WindowRule(1.0, 0.5))


def write_wav(path, seconds=3.0, rate_hz=1000):
    soundfile.write(path, tone(100, seconds, rate_hz), rate_hz)
    return path


def read(folder, text, rule=HALVES, **kwargs):
    table = folder / "t.csv"
    table.write_text(text, encoding="utf-8")
    return manifest.read(table, rule=rule, **kwargs)


@pytest.mark.parametrize("samples", [1, 799, 800, 801, 1000, 1600, 2345])
@pytest.mark.parametrize("hop", [300, 400, 800])
def test_the_windows_are_those_of_predict(samples, hop):
    block = np.zeros(samples, np.int16)
    cut = streams.cut_windows([block], 800, hop)
    expected = [(w.start_sample, w.start_sample + w.held_samples) for w in cut]
    found = WindowRule(0.8, hop / 1000).windows(samples / 1000)
    np.testing.assert_allclose(1000 * np.array(found), expected, atol=1e-6)


times = st.integers(0, 30).map(lambda tenths: tenths / 10)
rows = st.lists(st.tuples(times, times, st.sampled_from("ab")), max_size=6)


@given(rows, st.sampled_from([0.25, 0.5, 1.0]), st.sampled_from([0.1, 0.5, 1]))
@settings(deadline=None, derandomize=True, max_examples=60, database=None)
def test_a_window_has_what_overlaps_it_by_enough(written, hop_s, share):
    """Against samples that are counted one by one."""
    path = PATHS["three seconds"]
    written = [row for row in written if row[0] < row[1]]
    annotations = [
        Annotation("row", Recording(path, {"t": name}, "", "", start, end))
        for start, end, name in written
    ] or [Annotation("row", Recording(path, {}))]
    rule = WindowRule(1.0, hop_s, share)
    found = intervals.cut(annotations, rule)
    assert len(found) == (len(rule.windows(3.0)) if written else 0)
    ticks = np.arange(300)
    for window in found:
        inside = (ticks >= 100 * window.start_s) & (ticks < 100 * window.end_s)
        expected = set()
        for start, end, name in written:
            event = (ticks >= 100 * start) & (ticks < 100 * end)
            both = np.sum(inside & event)
            shorter = min(event.sum(), inside.sum())
            if both and both >= share * shorter - 1e-9:
                expected.add(name)
        assert window.labels == {"t": Labels(tuple(sorted(expected)))}


PATHS = {}


@pytest.fixture(scope="module", autouse=True)
def three_seconds(tmp_path_factory):
    PATHS["three seconds"] = write_wav(tmp_path_factory.mktemp("a") / "a.wav")


def test_time_without_annotations_is_background(tmp_path):
    write_wav(tmp_path / "a.wav")
    write_wav(tmp_path / "empty.wav", 1.5)
    found = read(
        tmp_path,
        "path,start_s,end_s,bird\n"
        "a.wav,0.2,0.4,wren\na.wav,0.3,1.3,robin\nempty.wav,,,\n",
    )
    assert [str(r.labels["bird"]) for r in found] == [
        *("robin;wren", "robin", "", "", ""),
        *("", ""),
    ]
    assert manifest.kinds(found) == {"bird": SEVERAL_LABELS}
    assert manifest.class_names(found) == {"bird": ["robin", "wren"]}
    assert {(r.path.name, r.start_s, r.end_s) for r in found[-2:]} == {
        ("empty.wav", 0.0, 1.0),
        ("empty.wav", 0.5, 1.5),
    }


def test_a_wake_word_alone_can_be_learned(tmp_path):
    write_wav(tmp_path / "a.wav")
    found = read(tmp_path, "path,start_s,end_s,word\na.wav,1,2,hey\n")
    assert manifest.class_names(found) == {"word": ["hey"]}


def test_nothing_is_known_beside_a_question_mark(tmp_path):
    write_wav(tmp_path / "a.wav")
    found = read(
        tmp_path,
        "path,start_s,end_s,bird\na.wav,0,1,wren\na.wav,0.9,2.1,?\n",
        LabelRule(WindowRule(1.0, 1.0)),
    )
    # The second window has no label that is known, so it is left out.
    assert [(r.start_s, r.labels["bird"]) for r in found] == [
        (0.0, Labels(("wren",), absent=())),
    ]


def test_annotations_of_a_class_may_overlap(tmp_path):
    write_wav(tmp_path / "a.wav")
    row = "a.wav,0.5,2,wren\n"
    once = read(tmp_path, f"path,start_s,end_s,bird\n{row}")
    twice = read(
        tmp_path, f"path,start_s,end_s,bird\n{row}{row}a.wav,0.6,1.8,wren\n"
    )
    assert once == twice


def test_split_and_group_are_those_of_the_file(tmp_path):
    write_wav(tmp_path / "a.wav")
    header = "path,start_s,end_s,bird,split,group\n"
    found = read(tmp_path, f"{header}a.wav,0,1,wren,val,x\n")
    assert {(r.split, r.group) for r in found} == {("validation", "x")}
    with pytest.raises(UserError, match="row 3: the split of .* 'test', but"):
        read(tmp_path, f"{header}a.wav,0,1,wren,val,x\na.wav,1,2,wren,test,x\n")


@pytest.mark.parametrize(
    "row, message",
    [
        ("a.wav,2,1,wren", r"row 2: 'end_s' \(1\) must be more than 'start_s'"),
        ("a.wav,1,1,wren", "must be more than"),
        ("a.wav,2,4,wren", "row 2: the annotation from 2 to 4 s is beyond"),
        ("a.wav,3,3.01,wren", "is beyond the end of .*a.wav, which is 3.000 s"),
        ("a.wav,-1,2,wren", "'start_s' must be seconds >= 0, not '-1'"),
        ("a.wav,x,2,wren", "'start_s' must be seconds"),
        ("a.wav,1,2,", "row 2: the annotation has no label; add one"),
        ("a.wav,,,wren", "row 2: an annotation needs 'start_s' and 'end_s'"),
        ("a.wav,1,,wren", "row 2: an annotation needs 'start_s' and 'end_s'"),
        (",1,2,wren", "row 2: 'path' is empty"),
        ("a.wav,1,2", "row 2: 3 columns, not 4"),
    ],
)
def test_a_bad_row_is_refused_in_a_sentence(row, message, tmp_path):
    write_wav(tmp_path / "a.wav")
    with pytest.raises(UserError, match=message) as error:
        read(tmp_path, f"path,start_s,end_s,bird\n{row}\n")
    assert "\n" not in str(error.value)


def test_the_end_of_a_recording_may_be_rounded(tmp_path):
    write_wav(tmp_path / "a.wav")
    (*_, last) = read(
        tmp_path, "path,start_s,end_s,bird\na.wav,2.5,3.04,wren\n"
    )
    assert (last.end_s, str(last.labels["bird"])) == (3.0, "wren")


def test_a_store_holds_the_windows_and_reports_bad_files(tmp_path, capsys):
    for name in ("a", "b", "c"):
        write_wav(tmp_path / f"{name}.wav")
    (tmp_path / "d.wav").write_bytes(b"no audio")
    table = tmp_path / "t.csv"
    table.write_text(
        "path,start_s,end_s,bird,split\n"
        "a.wav,0,1,wren,train\na.wav,1.5,2.9,robin,train\n"
        "b.wav,0,1,?,test\nc.wav,,,,val\nd.wav,0,1,wren,train\n"
    )
    settings_ = {
        "store_dir": tmp_path / "stores",
        "sample_rate_hz": 1000,
        "label_rule": HALVES,
    }
    with pytest.raises(UserError, match="d.wav cannot be read as audio"):
        preparation.prepare(table, **settings_)
    store = preparation.prepare(table, **settings_, skip_bad_files=True)
    assert store.tasks == {"bird": ["robin", "wren"]}
    clips = store.examples("train")
    assert clips.lengths.tolist() == [1000] * 5
    assert clips.labels["bird"].tolist() == [
        *([0, 1], [0, 1], [1, 0], [1, 0], [1, 0]),
    ]
    assert NO_LABEL not in store.examples("test").labels["bird"]
    assert store.num_examples["test"] == 3  # without those that touch the ?
    assert "left out" in capsys.readouterr().err
    other = dict(settings_, label_rule=LabelRule(WindowRule(1.0, 1.0)))
    again = preparation.prepare(table, **other, skip_bad_files=True)
    assert again.path != store.path
