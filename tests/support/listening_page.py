"""What a user does on a page that listens, by Chromium."""

import csv

IS_READY = "document.getElementById('status')?.textContent === 'Ready.'"
STATUS = "document.getElementById('status').textContent"
PROBLEM = "document.getElementById('problem')?.textContent"


def choose(browser, field, value):
    kind = "change" if field == "hop" else "input"
    browser.evaluate(
        f"field = document.getElementById('{field}'); field.value = {value}; "
        f"field.dispatchEvent(new Event('{kind}'))"
    )


def list_every_window(browser):
    choose(browser, "threshold", 0)
    choose(browser, "hop", 2)
    browser.evaluate(
        "document.getElementById('join').checked &&"
        "document.getElementById('join').click()"
    )


def saved(browser, button, name):
    """A file that the page saves, when it has drawn what it found."""
    (browser.downloads / name).unlink(missing_ok=True)
    browser.evaluate(
        "new Promise(r => requestAnimationFrame(() => setTimeout(r, 100)))"
        f".then(() => document.getElementById('{button}').click())"
    )
    return browser.downloaded(name)


def rows_of(path):
    with open(path, newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


def heard(browser, path):
    browser.evaluate(f"{STATUS.replace('.textContent', '')}.textContent = ''")
    browser.drop_file(path)
    ends = f"/heard in/.test({STATUS}) || {PROBLEM} !== ''"
    browser.wait(ends)
    return browser.evaluate(PROBLEM)
