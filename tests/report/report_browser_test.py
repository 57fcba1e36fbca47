"""The report in a real browser, a Debian package: chromium.

To look at the screenshots:
`pytest -m slow tests/report/report_browser_test.py --basetemp=DIR`.
"""

import html.parser
import shutil
import subprocess

import pytest

from audio_diffstride.__main__ import call
from tests.support import finished_run
from tests.support.synthetic import write_store

# A window of Chromium is at least 500 pixels wide, a frame in it is not.
WRAPPER = """<!DOCTYPE html>
<html><head><meta name="color-scheme" content="light dark">
<style>body {{ margin: 0 }}
iframe {{ border: 0; width: {width}px; height: {height}px }}</style></head>
<body><iframe src="page.html"></iframe><script>
onload = () => {{
  const page = frames[0].document, root = page.documentElement;
  const scrolls = box => {{
    for (let e = box.parentElement; e; e = e.parentElement)
      if (frames[0].getComputedStyle(e).overflowX != "visible") return true;
    return false;
  }};
  const wide = [...page.body.querySelectorAll("*")].filter(
    e => !scrolls(e) && !e.classList.contains("skip")
      && e.getBoundingClientRect().right > root.clientWidth + 1);
  const style = frames[0].getComputedStyle(page.body);
  document.body.dataset.scroll = root.scrollWidth;
  document.body.dataset.client = root.clientWidth;
  document.body.dataset.wide = wide.map(e => e.outerHTML.slice(0, 80));
  document.body.dataset.background = style.backgroundColor;
  document.body.dataset.pictures = page.querySelectorAll("svg").length;
}};
</script></body></html>
"""


def chromium(folder, wrapper, width, height, *arguments) -> str:
    command = shutil.which("chromium")
    assert command, (
        "chromium is missing: apt-get update && apt-get install -y chromium"
    )
    done = subprocess.run(
        [
            command,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--allow-file-access-from-files",  # the wrapper reads the page
            f"--user-data-dir={folder / 'profile'}",
            f"--window-size={max(width, 500)},{height}",
            *arguments,
            wrapper.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


class Body(html.parser.HTMLParser):
    """What the wrapper measured."""

    def handle_starttag(self, tag, attributes):
        if tag == "body":
            self.measured = dict(attributes)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    store = write_store(
        tmp_path_factory.mktemp("stores") / "own",
        tasks={
            "a": ["a class of quite a long name", "<b>", "x" * 60],
            "b": [f"n{i}" for i in range(20)],
        },
        files="a/long/path/to/some/recording-of-" + "y" * 60 + "{}.wav",
        num_clips=12,
    )
    workdir = finished_run.write(
        tmp_path_factory.mktemp("runs") / "run", [store]
    )
    finished_run.evaluate(workdir, store)
    call("report", ["--workdir", str(workdir)])
    return workdir / "report.html"


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_is_wider_than_the_window(width, scheme, page, tmp_path):
    shutil.copy(page, tmp_path / "page.html")
    wrapper = tmp_path / "wrapper.html"
    height = 9000
    wrapper.write_text(WRAPPER.format(width=width, height=height))
    dark = (
        f"--blink-settings=preferredColorScheme={0 if scheme == 'dark' else 1}"
    )
    body = Body()
    body.feed(chromium(tmp_path, wrapper, width, height, dark, "--dump-dom"))
    measured = body.measured
    assert int(measured["data-client"]) >= width - 20
    assert int(measured["data-scroll"]) <= int(measured["data-client"])
    assert measured["data-wide"] == ""
    assert int(measured["data-pictures"]) > 10
    level = int(measured["data-background"].removeprefix("rgb(").split(",")[0])
    assert (level < 128) == (scheme == "dark")
    screenshot = tmp_path / f"{width}-{scheme}.png"
    chromium(
        tmp_path,
        wrapper,
        width,
        height,
        dark,
        "--hide-scrollbars",
        f"--screenshot={screenshot}",
    )
    assert screenshot.stat().st_size > 100_000
