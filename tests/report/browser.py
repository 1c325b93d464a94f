"""A headless Chromium, where the machine has one."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SWITCHES = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--enable-logging=stderr",
)  # fmt: skip
HARNESS = """<!DOCTYPE html><meta charset="utf-8"><body style="margin:0">
<iframe style="border:0" width="{width}" height="900" srcdoc="{page}"></iframe>
<pre id="found"></pre>
<script>
addEventListener("load", () => {{
  const view = document.querySelector("iframe").contentDocument;
  const images = [...view.images];
  document.getElementById("found").textContent = JSON.stringify({{
    beyond: view.documentElement.scrollWidth - view.documentElement.clientWidth,
    drawn: images.filter(image => image.complete && image.naturalWidth > 0).length,
    images: images.length,
    narrowest_text: Math.min(...[...view.querySelectorAll("p, li, td, th, dd")]
      .map(element => parseFloat(getComputedStyle(element).fontSize))),
  }});
}});
</script>"""


def chromium() -> str | None:
    """Path of a Chromium, None where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def seen_in_browser(page: str, width: int, folder: Path) -> tuple[dict, list[str]]:
    """What a browser makes of a page in a window of `width` [px]: measures, and its complaints."""
    harness = folder / f"harness_{width}.html"
    harness.write_text(HARNESS.format(width=width, page=html.escape(page)), encoding="utf-8")
    done = subprocess.run(
        [chromium(), *SWITCHES, f"--user-data-dir={folder / 'profile'}", "--dump-dom",
         "--window-size=1400,1000", harness.as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    found = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)
    complaints = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return json.loads(html.unescape(found[1])), complaints
