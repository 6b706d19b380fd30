"""The QR code as the rendered page shows it."""

import base64

import pytest
import segno

from deploy.dev.chromium import DESKTOP, PHONE, Size
from portal.methods.totp import qr
from portal.styleguide.samples import SEED
from tests.browser.conftest import Open

QUIET = 4
# Looks at the middle of every module, as a camera would.
READ = """async ([data, modules]) => {
  const image = new Image();
  image.src = "data:image/png;base64," + data;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), {width: image.width, height: image.height});
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const dark = (row, column) => {
    const x = Math.floor((column + 0.5) * image.width / modules);
    const y = Math.floor((row + 0.5) * image.height / modules);
    return context.getImageData(x, y, 1, 1).data[0] < 128 ? 1 : 0;
  };
  const places = [...Array(modules).keys()];
  return places.map((row) => places.map((column) => dark(row, column)));
}"""


@pytest.mark.parametrize("size", [PHONE, DESKTOP, (320, 640)])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_qr_code_is_drawn_whole_with_its_quiet_zone(open_page: Open, size: Size, theme: str) -> None:
    page = open_page("add-totp-show", size=size, theme=theme)
    seen = base64.b64encode(page.locator(".scan svg").screenshot()).decode()
    link = qr.link(SEED.secrets[0], qr.label(SEED.account))
    drawn = [list(row) for row in segno.make(link, error="m").matrix_iter(border=QUIET)]
    reader = page.context.new_page()
    assert reader.evaluate(READ, [seen, len(drawn)]) == drawn
