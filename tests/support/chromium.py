"""A headless Chromium, driven by its DevTools protocol over a pipe."""

import base64
import json
import os
import select
import shutil
import subprocess
import time


class Chromium:
    """A browser with a fresh profile and one page, without a network.

    Args:
        folder: for the profile and for downloads.
        arguments: further flags.
    """

    def __init__(self, folder, *arguments):
        command = shutil.which("chromium")
        assert command, (
            "chromium is missing: apt-get update && apt-get install -y chromium"
        )
        self.downloads = folder / "downloads"
        self.downloads.mkdir(parents=True)
        ours_out, ours_in = os.pipe(), os.pipe()
        self._write, self._read = ours_out[1], ours_in[0]
        theirs = {3: ours_out[0], 4: ours_in[1]}

        def place():
            high = {fd: os.dup2(end, fd + 60) for fd, end in theirs.items()}
            for fd, end in high.items():
                os.dup2(end, fd)

        self._process = subprocess.Popen(
            [
                command,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--host-resolver-rules=MAP * ~NOTFOUND",
                "--remote-debugging-pipe",
                f"--user-data-dir={folder / 'profile'}",
                *arguments,
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=place,
            close_fds=False,
        )
        for end in theirs.values():
            os.close(end)
        self._held, self._count, self.events = b"", 0, []
        self._session = None
        targets = self.send("Target.getTargets")["targetInfos"]
        page = next(t for t in targets if t["type"] == "page")
        self._session = self.send(
            "Target.attachToTarget", targetId=page["targetId"], flatten=True
        )["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "DOM"):
            self.send(f"{domain}.enable")
        self.send(
            "Browser.setDownloadBehavior",
            behavior="allow",
            downloadPath=str(self.downloads),
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(30)
        os.close(self._write)
        os.close(self._read)

    def send(self, method, **params):
        """The result of a command of the protocol."""
        self._count += 1
        message = {"id": self._count, "method": method, "params": params}
        if self._session and not method.startswith("Browser."):
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self._count:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]
            self.events.append(answer)

    def _receive(self, seconds=300):
        while b"\0" not in self._held:
            ready, _, _ = select.select([self._read], [], [], seconds)
            assert ready, "Chromium does not answer"
            part = os.read(self._read, 1 << 20)
            assert part, "Chromium has ended"
            self._held += part
        message, self._held = self._held.split(b"\0", 1)
        return json.loads(message)

    def open(self, path):
        """Opens a page from disk."""
        self.send("Page.navigate", url=path.as_uri())

    def evaluate(self, expression):
        """The JSON value of an expression of the page, a promise or not."""
        answer = self.send(
            "Runtime.evaluate",
            expression=expression,
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, expression, seconds=300):
        """Waits until an expression is true; returns it."""
        end = time.monotonic() + seconds
        while not (value := self.evaluate(expression)):
            assert time.monotonic() < end, (expression, self.problems())
            time.sleep(0.1)
        return value

    def choose_file(self, selector, path):
        """Chooses a file, as the dialogue of an input does."""
        root = self.send("DOM.getDocument")["root"]["nodeId"]
        node = self.send("DOM.querySelector", nodeId=root, selector=selector)
        self.send(
            "DOM.setFileInputFiles", files=[str(path)], nodeId=node["nodeId"]
        )

    def drop_file(self, path, x=300, y=200):
        """Drops a file at a place of the page."""
        data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self.send("Input.dispatchDragEvent", type=kind, x=x, y=y, data=data)

    def downloaded(self, name, seconds=60):
        """The path of a file that the page saved."""
        path, end = self.downloads / name, time.monotonic() + seconds
        while not path.exists():
            assert time.monotonic() < end, list(self.downloads.iterdir())
            self.evaluate("1")
            time.sleep(0.1)
        return path

    def show(self, width, height, scheme="light"):
        """Sets the size of the window and the preferred colours."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.send("Emulation.setEmulatedMedia", features=[feature])

    def screenshot(self, path, whole=True):
        """Writes a picture of the page."""
        data = self.send("Page.captureScreenshot", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(data["data"]))

    def problems(self):
        """Errors and refused requests so far, as texts."""
        found = []
        for event in self.events:
            params = event.get("params", {})
            if event.get("method") == "Runtime.exceptionThrown":
                found.append(str(params["exceptionDetails"]))
            elif event.get("method") == "Log.entryAdded":
                if params["entry"]["level"] in ("error", "warning"):
                    found.append(params["entry"]["text"])
            elif event.get("method") == "Runtime.consoleAPICalled":
                if params["type"] in ("error", "warning", "assert"):
                    found.append(str(params["args"]))
        return found
