"""Makes docs/overview.png, the picture that the README opens with.

Needs a running service with the sample posts (`make serve`), Debian's `chromium` and
`fonts-noto-cjk`, and the test extra:

    .venv/bin/python scripts/screenshots.py [http://127.0.0.1:8000]
"""

from __future__ import annotations

import base64
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

PICTURE = Path(__file__).parents[1] / "docs" / "overview.png"
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]

# path, width, height, colour scheme
WINDOWS = (
    ("/ja/", 1080, 760, "light"),
    ("/en/posts/harbor-datacenter/", 390, 690, "light"),
    ("/status?lang=ko", 390, 690, "dark"),
)
SHEET = """
<style>
body { margin: 0; inline-size: 1440px; block-size: 800px; background: #e4e6e3; position: relative; }
img { position: absolute; outline: 1px solid #c9ccc8; }
img:nth-of-type(1) { inset: 40px auto auto 40px; inline-size: 1026px; }
img:nth-of-type(2) { inset: 110px auto auto 742px; inline-size: 320px; }
img:nth-of-type(3) { inset: 75px auto auto 1082px; inline-size: 320px; }
</style>
"""


def main(site: str = "http://127.0.0.1:8000") -> None:
    chromium = shutil.which("chromium") or sys.exit("install the Debian package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=SWITCHES)
        images = [window(browser, site, *each) for each in WINDOWS]
        page = browser.new_page(viewport={"width": 1440, "height": 800})
        page.set_content(SHEET + "".join(f'<img src="{image}">' for image in images))
        page.wait_for_function("[...document.images].every(image => image.complete)")
        PICTURE.parent.mkdir(exist_ok=True)
        page.screenshot(path=PICTURE)
        browser.close()
    sys.stdout.write(f"{PICTURE}: {PICTURE.stat().st_size // 1000} kB\n")


def window(browser: Browser, site: str, path: str, width: int, height: int, scheme: str) -> str:
    """A screenshot of one page as a data URL."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    page.goto(site + path)
    shot = page.screenshot()
    context.close()
    return "data:image/png;base64," + base64.b64encode(shot).decode()


if __name__ == "__main__":
    main(*sys.argv[1:])
