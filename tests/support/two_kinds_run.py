"""What the tests of jobs on many recordings share: a run, and its outputs."""

from audio_diffstride.datasets.kinds import SEVERAL_LABELS
from tests.support import random_classifier
from tests.support.synthetic import tiny_config


def write_run(workdir):
    """Writes a run of two tasks: one with one label, one with several."""
    (workdir / "config.json").write_text(tiny_config().to_json_best_effort())
    model = random_classifier.build(kinds={"bird": SEVERAL_LABELS})
    model.save(workdir / "best.keras")


def files_below(folder):
    """{relative path: bytes} of all files."""
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
