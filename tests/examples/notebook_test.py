"""The notebook and the page about notebooks run, on recordings made here."""

import os
import pathlib
import re
import subprocess
import sys

import nbformat
import pytest
import soundfile

from tests.support.synthetic import tone, write_folder

ROOT = pathlib.Path(__file__).parents[2]
NOTEBOOK = ROOT / "examples" / "notebook" / "first_hour.ipynb"
PAGE = ROOT / "docs" / "guide" / "notebook.md"


def test_the_stored_notebook_has_no_outputs():
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(cells) > 5
    for cell in cells:
        assert cell.outputs == [] and cell.execution_count is None


@pytest.mark.slow
def test_the_notebook_runs_to_its_end(tmp_path, monkeypatch):
    import nbclient

    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbclient.NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        resources={"metadata": {"path": str(tmp_path)}},
    ).execute()
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    data = [output.data for output in outputs if "data" in output]
    assert sum("image/png" in shown for shown in data) == 3
    assert sum("<audio" in shown.get("text/html", "") for shown in data) >= 3
    printed = "".join(o.text for o in outputs if o.get("name") == "stdout")
    for name in ("hoot", "trill", "whistle"):  # found, as they follow in time
        _, found, printed = printed.partition(f" s: {name}\n")
        assert found


@pytest.mark.slow
def test_the_code_of_the_page_runs(tmp_path):
    write_folder(tmp_path / "recordings", seconds=0.5)
    soundfile.write(tmp_path / "field.wav", tone(3000, 3), 16000)
    text = PAGE.read_text("utf-8")
    program = "\n".join(re.findall(r"(?ms)^```python\n(.*?)^```", text))
    steps = '"training.num_steps": 300'
    fewer = '"training.num_steps": 2, "training.steps_per_epoch": 2'
    assert program.count(steps) == 2 and program.count("run.") > 5
    subprocess.run(
        [sys.executable, "-c", program.replace(steps, fewer)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)},
        check=True,
    )
