"""`python -m deploy.dev.icons`: makes the icons for browsers and phones from static/img/mark.svg."""

import re
import struct
from pathlib import Path

from playwright.sync_api import Page

from deploy.dev.chromium import chromium

IMAGES = Path(__file__).resolve().parents[2] / "static" / "img"
IN_FAVICON = (16, 32, 48)
ON_HOME_SCREENS = (180, 192, 512)


def main() -> None:
    """Write favicon.ico, and a full-square icon of each size."""
    with chromium() as browser:
        page = browser.new_page()
        small = [picture(page, size, full=False) for size in IN_FAVICON]
        (IMAGES / "favicon.ico").write_bytes(ico(small))
        for size in ON_HOME_SCREENS:
            (IMAGES / f"icon-{size}.png").write_bytes(picture(page, size, full=True))


def picture(page: Page, size: int, *, full: bool) -> bytes:
    """Return the mark as PNG.

    Args:
        page: a browser's page, which draws it.
        size: width and height in pixels.
        full: True fills the corners too, because phones cut out their own shape.
    """
    drawn = (IMAGES / "mark.svg").read_text("utf-8")
    if full:
        drawn = re.sub(r' rx="\d+"', "", drawn)
    drawn = drawn.replace('width="32" height="32" viewBox', f'width="{size}" height="{size}" viewBox')
    page.set_viewport_size({"width": size, "height": size})
    page.set_content(f"<style>body{{margin:0}}svg{{display:block}}</style>{drawn}")
    return page.screenshot(omit_background=True)


def ico(pictures: list[bytes]) -> bytes:
    """Return an ICO file of PNG pictures, none larger than 256 pixels."""
    entries, start = b"", 6 + 16 * len(pictures)
    for data in pictures:
        width, height = struct.unpack_from(">II", data, 16)  # of the IHDR chunk
        entries += struct.pack("<BBBBHHII", width % 256, height % 256, 0, 0, 1, 32, len(data), start)
        start += len(data)
    return struct.pack("<HHH", 0, 1, len(pictures)) + entries + b"".join(pictures)


if __name__ == "__main__":
    main()
