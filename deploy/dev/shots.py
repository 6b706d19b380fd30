"""Take a picture of every page in every state: `make shots` writes docs/pictures and var/pictures."""

import os
import sys
from pathlib import Path

import django
from playwright.sync_api import Browser

from deploy.dev.chromium import DESKTOP, PHONE, Size, chromium
from deploy.dev.processes import hear_endings
from deploy.dev.site import styleguide_site

ROOT = Path(__file__).resolve().parents[2]
# The light pictures belong to the documentation; the dark ones are only for review.
KEPT, LOOKED_AT = ROOT / "docs" / "pictures", ROOT / "var" / "pictures"
LOOKS: dict[str, tuple[Size, bool, Path]] = {
    "phone": (PHONE, False, KEPT),
    "desktop": (DESKTOP, False, KEPT),
    "phone-dark": (PHONE, True, LOOKED_AT),
    "desktop-dark": (DESKTOP, True, LOOKED_AT),
}


def main(names: list[str]) -> None:
    """Take the pictures of these pages, or of all."""
    hear_endings()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.dev.settings")
    django.setup()
    with styleguide_site() as guide, chromium() as browser:
        for look in LOOKS:
            _shoot(browser, guide, look, names)


def _shoot(browser: Browser, guide: str, look: str, names: list[str]) -> None:
    (width, height), dark, folder = LOOKS[look]
    folder.mkdir(parents=True, exist_ok=True)
    page = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
    )
    page.goto(guide)
    known = page.locator("#pages a").all_inner_texts()
    for name in names or ["styleguide", *known]:
        page.goto(guide if name == "styleguide" else f"{guide}{name}/")
        page.screenshot(path=folder / f"{name}-{look}.png", full_page=True)
    page.close()


if __name__ == "__main__":
    main(sys.argv[1:])
