"""A real browser for the tests: headless Chromium, driven over the DevTools protocol through a pipe (no port, no library).

    with browsing() as browser:
        page = browser.page(width=1280)
        page.go(url)
        page.wait("the table has rows", "document.querySelectorAll('tbody tr').length > 3")

Everything that a page says on its console, every exception and every request is kept, so that a test can demand silence.
"""

import base64
import contextlib
import itertools
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

from . import Late

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
MISSING = "chromium is not installed (Debian package chromium)"

OPTIONS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--remote-debugging-pipe",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
    "--enable-precise-memory-info", "--js-flags=--expose-gc",
]


class BrowserError(Exception):
    """What the browser answered to a command."""


class Browser:
    def __init__(self, directory):
        # The browser reads commands from its descriptor 3 and writes answers to 4, each ended by a zero byte.
        read_commands, self._commands = os.pipe()
        self._answers, write_answers = os.pipe()
        # To places that are free, so that neither copy overwrites the other's original.
        low, high = os.dup(read_commands), os.dup(write_answers)

        def place_pipes():
            a, b = os.dup2(low, 60), os.dup2(high, 61)
            os.dup2(a, 3)
            os.dup2(b, 4)

        self.process = subprocess.Popen(
            [CHROMIUM, *OPTIONS, f"--user-data-dir={directory}/profile", "about:blank"], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, close_fds=False, preexec_fn=place_pipes)
        for descriptor in (read_commands, write_answers, low, high):
            os.close(descriptor)
        self._numbers = itertools.count(1)
        self._buffer = b""
        self._results = {}
        self._pages = {}

    def page(self, width=1280, height=900, dark=False):
        target = self.command("Target.createTarget", {"url": "about:blank"})["targetId"]
        session = self.command("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        page = self._pages[session] = Page(self, session, target)
        page.prepare(width, height, dark)
        return page

    def command(self, method, parameters=None, session=None, seconds=30.0):
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters or {}}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._commands, data):]
        deadline = time.monotonic() + seconds
        while number not in self._results:
            self._receive(deadline, method)
        answer = self._results.pop(number)
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error'].get('message')}")
        return answer.get("result", {})

    def pump(self, seconds):
        """Takes in what the browser tells for so long."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if select.select([self._answers], [], [], left)[0]:
                self._receive(time.monotonic() + 1, "pump")

    def _receive(self, deadline, what):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([self._answers], [], [], left)[0]:
            raise Late(f"the browser did not answer in time: {what}")
        data = os.read(self._answers, 1 << 20)
        if not data:
            raise BrowserError("the browser has ended")
        *messages, self._buffer = (self._buffer + data).split(b"\0")
        for message in map(json.loads, messages):
            if "id" in message:
                self._results[message["id"]] = message
            elif page := self._pages.get(message.get("sessionId")):
                page.take(message["method"], message["params"])

    def close(self):
        with contextlib.suppress(BrowserError, Late, OSError):
            self.command("Browser.close", seconds=5)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)
        os.close(self._commands)
        os.close(self._answers)


class Page:
    def __init__(self, browser, session, target):
        self._browser, self._session, self._target = browser, session, target
        self.console, self.urls, self.sizes, self.statuses = [], [], {}, {}
        self._request_urls = {}

    def command(self, method, parameters=None, seconds=30.0):
        return self._browser.command(method, parameters, self._session, seconds)

    def prepare(self, width, height, dark):
        for domain in ["Page", "Runtime", "Log", "Network", "HeapProfiler"]:
            self.command(f"{domain}.enable")
        # As if every page were the first one that somebody opens.
        self.command("Network.setCacheDisabled", {"cacheDisabled": True})
        self.look(width, height, dark)

    def look(self, width, height=900, dark=False, scale=1):
        """Size in CSS pixels and the reader's colour scheme."""
        self.command("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": scale, "mobile": False})
        self.command("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})

    def take(self, method, event):
        if method == "Runtime.consoleAPICalled" and event["type"] in ("error", "warning", "assert"):
            self.console.append(event["type"] + ": " + " ".join(str(a.get("value", a.get("description"))) for a in event["args"]))
        elif method == "Runtime.exceptionThrown":
            details = event["exceptionDetails"]
            self.console.append("exception: " + details.get("exception", {}).get("description", details["text"]))
        elif method == "Log.entryAdded" and event["entry"]["level"] in ("error", "warning"):
            self.console.append(f"{event['entry']['source']}: {event['entry']['text']} {event['entry'].get('url', '')}")
        elif method == "Network.requestWillBeSent":
            self.urls.append(event["request"]["url"])
            self._request_urls[event["requestId"]] = event["request"]["url"]
        elif method == "Network.responseReceived":
            self.statuses[self._request_urls.get(event["requestId"])] = event["response"]["status"]
        elif method == "Network.loadingFinished":
            url = self._request_urls.get(event["requestId"])
            self.sizes[url] = event["encodedDataLength"]

    def go(self, url):
        """Loads an address; what was kept of the page before is forgotten."""
        self.console, self.urls, self.sizes, self.statuses = [], [], {}, {}
        answer = self.command("Page.navigate", {"url": url})
        if answer.get("errorText"):
            raise BrowserError(f"{url}: {answer['errorText']}")
        self.wait("the page is loaded", "document.readyState === 'complete' && location.href !== 'about:blank'")

    def value(self, expression, seconds=30.0):
        """The JSON value of an expression in the page; a promise is waited for."""
        answer = self.command(
            "Runtime.evaluate", {"expression": expression, "returnByValue": True, "awaitPromise": True}, seconds)
        if "exceptionDetails" in answer:
            raise BrowserError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait(self, what, expression, seconds=10.0):
        """The first true value of an expression, asked again and again."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                if value := self.value(f"(() => {{ try {{ return {expression} }} catch {{ return null }} }})()"):
                    return value
            except BrowserError:
                pass  # between two pages there is nothing to evaluate in
            if time.monotonic() > deadline:
                raise Late(f"not within {seconds} s: {what}; console {self.console}; the page says {self.text()[:1500]!r}")
            self._browser.pump(0.02)

    def text(self):
        return self.value("document.body ? document.body.innerText : ''")

    def type(self, selector, text):
        """Into a field, key by key as far as the page can tell."""
        self.value(f"(() => {{ const e = document.querySelector({json.dumps(selector)}); e.focus(); e.select?.(); }})()")
        self.command("Input.insertText", {"text": text})

    def press(self, key, code=0):
        for kind in ("keyDown", "keyUp"):
            self.command("Input.dispatchKeyEvent", {
                "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, **({"text": "\r"} if key == "Enter" and kind == "keyDown" else {})})

    def click(self, selector):
        """A real click in the middle of the first element that matches."""
        place = self.value(f"""(() => {{ const e = document.querySelector({json.dumps(selector)});
            e.scrollIntoView({{block: 'center'}}); const r = e.getBoundingClientRect();
            return [r.x + r.width / 2, r.y + r.height / 2]; }})()""")
        for kind in ("mousePressed", "mouseReleased"):
            self.command("Input.dispatchMouseEvent", {
                "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1})

    def heap_bytes(self):
        """What is really alive: after a collection."""
        self.command("HeapProfiler.collectGarbage")
        return self.command("Runtime.getHeapUsage")["usedSize"]

    def screenshot(self, path, whole=False):
        parameters = {"format": "png"}
        if whole:
            size = self.command("Page.getLayoutMetrics")["cssContentSize"]
            parameters |= {"captureBeyondViewport": True, "clip": {
                "x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}}
        data = self.command("Page.captureScreenshot", parameters)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def pump(self, seconds):
        self._browser.pump(seconds)

    def close(self):
        self._browser.command("Target.closeTarget", {"targetId": self._target})


@contextlib.contextmanager
def browsing():
    """A browser that is ended at the end, whatever happens."""
    with tempfile.TemporaryDirectory(prefix="weir-browser-", ignore_cleanup_errors=True) as directory:
        browser = Browser(directory)
        try:
            yield browser
        finally:
            browser.close()
