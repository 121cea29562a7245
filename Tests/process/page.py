"""The first page in a real browser: no error in its console, and its table fills. With SCREENSHOTS=directory it leaves a
picture for a person to look at."""

import re
import shutil

from weirtest import *

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def browse(url, directory, *arguments):
    """Standard output and the console's lines."""
    done = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
         f"--user-data-dir={directory}/profile", "--enable-logging=stderr", "--virtual-time-budget=9000",
         "--window-size=1000,1100", *arguments, url],
        capture_output=True, timeout=90)
    console = [line for line in done.stderr.decode("utf-8", "replace").splitlines() if ":CONSOLE" in line]
    return done.stdout.decode("utf-8", "replace"), console


def test():
    if not CHROMIUM:
        return skip("the first page in a browser", "chromium is not installed (Debian package chromium)")
    with temporary_directory() as directory, serving("--demo") as server:
        wait_until("the fabric is there", lambda: server.json("/metric/ALL/max:ifinutilization/json")[0]["metricN"] > 20)
        url = f"http://127.0.0.1:{server.http}/"
        text, console = browse(url, directory, "--dump-dom")
        equal("the console is silent", console, [])
        body = re.search(r'<tbody id="ports">(.*?)</tbody>', text, re.S)
        rows = re.findall(r"<tr>(.*?)</tr>", body[1] if body else "", re.S)
        equal("the table has ten rows", len(rows), 10)
        check("each with agent, interface and two numbers", all(
            re.fullmatch(r'<td>\d+\.\d+\.\d+\.\d+</td><td>\S+</td>(<td class="number">[\d.]+</td>){2}', row) for row in rows), rows)
        shown = dict(re.findall(r'<dd id="(\w+)">([^<]*)</dd>', text))
        equal("the agents are counted", shown.get("agents"), "22")
        check("the rate is shown", re.fullmatch(r"[\d.,]+", shown.get("rate", "")), shown)
        check("the version is shown", server.get("/version").text.strip() in text)
        check("no problem is told", '<p id="problem" role="status"></p>' in text)
        pictures = os.environ.get("SCREENSHOTS")
        if pictures:
            path = pathlib.Path(pictures, "first-page.png").resolve()
            browse(url, directory, f"--screenshot={path}")
            check(f"a picture is at {path}", path.exists())


if __name__ == "__main__":
    main(test, 240)
