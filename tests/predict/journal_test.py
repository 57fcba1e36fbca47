"""Resuming what was interrupted."""

import json
import pathlib
import signal
import subprocess
import sys

import pytest

from audio_diffstride.errors import UserError
from audio_diffstride.files.digests import digest_of_file
from audio_diffstride.predict.detections import Detection
from audio_diffstride.predict.journal import Journal, digest_of_recordings

ROOT = pathlib.Path(__file__).parents[2]
RUN = {"--top": "1", "the recordings": "0" * 64, "--task": ["é"]}
SUMMARY = {"file": "a", "seconds": 1.5, "rows": 2, "sample_rate_hz": 16000}
ROW = Detection(0.0, 1.5, True, 2, "a", "\udcff\té\n", 0.25)


@pytest.fixture
def output(tmp_path):
    return tmp_path / "out.csv"


def test_a_finished_recording_comes_back_as_it_was(output):
    journal = Journal(output, Detection)
    with journal.open(RUN):
        assert not journal.is_finished(0)
        assert journal.write_rows(0, iter([ROW, ROW])) == 2
        assert not journal.is_finished(0)
        journal.finish(0, SUMMARY)
    again = Journal(output, Detection)
    with again.open(RUN):
        assert again.is_finished(0) and not again.is_finished(1)
        assert list(again.rows(0)) == [ROW, ROW]
        assert again.summary(0) == SUMMARY
        again.remove()
    assert not list(output.parent.iterdir())


def test_nothing_is_kept_of_a_recording_that_fails(output):
    def rows():
        yield ROW
        raise UserError("broken")

    journal = Journal(output, Detection)
    with journal.open(RUN):
        with pytest.raises(UserError, match="broken"):
            journal.write_rows(0, rows())
        left = {p.name for p in journal.folder.rglob("*") if p.is_file()}
        assert left == {"lock", "run.json"}


def test_another_run_is_refused_and_the_differences_are_named(output):
    with Journal(output, Detection).open(RUN):
        pass
    other = {**RUN, "--top": "2", "the recordings": "1" * 64}
    message = (
        r"out.csv.partial holds an unfinished run that differs in --top "
        r"\('1', now '2'\), the recordings; .* delete that folder"
    )
    with pytest.raises(UserError, match=message):
        with Journal(output, Detection).open(other):
            pass
    with Journal(output, Detection).open(RUN):
        pass


def test_two_runs_at_once_are_refused(output):
    with Journal(output, Detection).open(RUN):
        with pytest.raises(UserError, match="another run is writing"):
            with Journal(output, Detection).open(RUN):
                pass


def test_a_worker_joins_the_run_that_the_command_has_opened(output):
    journal, worker = Journal(output, Detection), Journal(output, Detection)
    with journal.open(RUN):
        worker.join(RUN)
        worker.write_rows(0, [ROW, ROW])
        worker.finish(0, SUMMARY)
        assert list(journal.rows(0)) == [ROW, ROW]


def test_the_order_of_the_settings_does_not_matter_to_a_worker(output):
    journal, worker = Journal(output, Detection), Journal(output, Detection)
    with journal.open(RUN):
        worker.join(dict(reversed(RUN.items())))
        worker.finish(0, SUMMARY)
        assert journal.is_finished(0)


def test_a_worker_of_another_run_or_without_its_folder_is_refused(output):
    with pytest.raises(UserError, match="a worker on .* does not see .*json;"):
        Journal(output, Detection).join(RUN)
    with Journal(output, Detection).open(RUN):
        with pytest.raises(UserError, match=r"--top \('1', now '2'\); give"):
            Journal(output, Detection).join({**RUN, "--top": "2"})


def test_a_worker_that_outlives_its_run_writes_nothing_into_the_next(output):
    worker = Journal(output, Detection)
    with Journal(output, Detection).open(RUN):
        worker.join(RUN)
    (worker.folder / "run.json").unlink()
    other = Journal(output, Detection)
    with other.open({**RUN, "--top": "2"}):
        worker.write_rows(0, [ROW])
        worker.finish(0, SUMMARY)
        assert not other.is_finished(0)


def test_a_run_that_was_killed_while_it_removed_starts_again(output):
    journal = Journal(output, Detection)
    with journal.open(RUN):
        journal.write_rows(0, [ROW])
        journal.finish(0, {})
    (journal.folder / "run.json").unlink()
    with journal.open({**RUN, "--top": "2"}):
        assert not journal.is_finished(0)


def test_a_damaged_journal_is_reported(output):
    journal = Journal(output, Detection)
    with journal.open(RUN):
        (journal.folder / "run.json").write_text("{")
    with pytest.raises(UserError, match="is damaged: .*; delete"):
        with journal.open(RUN):
            pass


def test_an_output_is_whole_or_not_there(output):
    journal = Journal(output, Detection)
    with journal.open(RUN):
        with pytest.raises(RuntimeError):
            with journal.output(output) as path:
                path.write_text("half")
                raise RuntimeError
        assert not output.exists()
        with journal.output(output) as path:
            path.write_text("whole")
    assert output.read_text() == "whole"


def test_a_killed_process_leaves_finished_recordings_and_no_lock(output):
    script = (
        "import sys, time\n"
        "from audio_diffstride.predict.journal import Journal\n"
        "from audio_diffstride.predict.detections import Detection\n"
        "journal = Journal(sys.argv[1], Detection)\n"
        "row = Detection(0.0, 1.0, False, 1, 'a', 'x', 0.5)\n"
        "def rows():\n"
        "    yield row\n"
        "    print('halfway', flush=True)\n"
        "    time.sleep(100)\n"
        "with journal.open({'--top': '1'}):\n"
        "    journal.write_rows(0, [row])\n"
        "    about = {'seconds': 1.0, 'rows': 1, 'sample_rate_hz': 16000}\n"
        "    journal.finish(0, {'file': 'a', **about})\n"
        "    journal.write_rows(1, rows())\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, output],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "halfway\n"
        process.send_signal(signal.SIGKILL)
    journal = Journal(output, Detection)
    with journal.open({"--top": "1"}):
        assert journal.is_finished(0) and not journal.is_finished(1)
        assert len(list(journal.rows(0))) == 1


def test_digests_follow_content_and_time_of_change(tmp_path):
    path = tmp_path / "a"
    path.write_text("1")
    file, recordings = digest_of_file(path), digest_of_recordings([path])
    assert digest_of_recordings([path]) == recordings
    path.write_text("22")
    assert digest_of_file(path) != file
    assert digest_of_recordings([path]) != recordings


def test_a_recording_without_rows_is_finished_too(output):
    journal = Journal(output, Detection)
    with journal.open(RUN):
        count = journal.write_rows(0, [])
        assert count == 0
        journal.finish(0, {**SUMMARY, "rows": count})
        assert list(journal.rows(0)) == []


@pytest.mark.parametrize(
    "values",
    [
        5,
        {},
        "abcdefg",
        [],
        list(ROW[:-1]),
        [*ROW, 0.5],
        ["0.0", *ROW[1:]],
        [*ROW[:2], 1, *ROW[3:]],
    ],
    ids=str,
)
def test_a_damaged_row_is_reported_with_its_file(values, output):
    journal = Journal(output, Detection)
    with journal.open(RUN):
        journal.write_rows(0, [ROW, ROW])
        journal.finish(0, SUMMARY)
        (part,) = journal.folder.glob("*/0.jsonl")
        whole = part.read_text().splitlines()
        part.write_text(whole[0] + "\n" + json.dumps(values) + "\n")
        with pytest.raises(UserError, match="0.jsonl is damaged; delete"):
            list(journal.rows(0))


def test_missing_and_added_rows_are_reported(output):
    journal = Journal(output, Detection)
    with journal.open(RUN):
        for count in (1, 3):
            journal.write_rows(0, [ROW] * count)
            journal.finish(0, SUMMARY)
            with pytest.raises(UserError, match="0.jsonl is damaged; delete"):
                list(journal.rows(0))


def test_short_values_are_named_and_long_ones_are_not(output):
    """A value and its quotes have room for 40 characters."""
    for letters, is_named in ((38, True), (39, False)):
        with Journal(output, Detection).open({"--top": "a" * letters}):
            pass
        with pytest.raises(UserError) as raised:
            with Journal(output, Detection).open({"--top": "b"}):
                pass
        assert ("now 'b'" in str(raised.value)) == is_named
        (output.with_name("out.csv.partial") / "run.json").unlink()


def test_folders_of_a_journal_and_of_an_output_are_made(tmp_path):
    journal = Journal(tmp_path / "new" / "deep" / "out.csv", Detection)
    with journal.open(RUN):
        with journal.output(tmp_path / "other" / "deep" / "a.csv") as path:
            path.write_text("whole")
    assert (tmp_path / "other" / "deep" / "a.csv").read_text() == "whole"


def test_a_row_that_is_not_json_is_refused_and_leaves_nothing(output):
    journal = Journal(output, Detection)
    with journal.open(RUN):
        with pytest.raises(ValueError, match="not JSON compliant"):
            journal.write_rows(0, [ROW, ROW._replace(score=float("nan"))])
        assert not [*journal.folder.glob("*/0.jsonl")]


def test_a_leftover_that_cannot_be_removed_stops_no_run(output):
    """As parts that a worker of the run before still writes to."""
    journal = Journal(output, Detection)
    journal.folder.mkdir()
    (journal.folder / "parts-of-another").write_text("no folder")
    with journal.open(RUN):
        assert journal.exists()
