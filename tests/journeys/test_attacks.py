"""Attacks over real sockets: what lies between a browser and the pages, and secrets where something fails."""

import http.client
import json
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from deploy.dev.demo.product import Product
from deploy.dev.demo.walker import Walker, offers
from tests.journeys.test_secrets import files_of, forms_of

CANARY = "Canary-failed-8813-ä"
FORM = "application/x-www-form-urlencoded"


def send(product: Product, method: str, path: str, body: bytes = b"", /, **headers: str) -> tuple[int, str]:
    """Send a request as it is, and return the status and where it leads."""
    connection = http.client.HTTPConnection("127.0.0.1", product.port, timeout=20)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body=body, headers={"Host": f"localhost:{product.port}", **named})
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers.get("Location", "")
    finally:
        connection.close()


@pytest.mark.parametrize(
    "path",
    [
        "//register/",
        "//evil.example/%2e%2e",
        "http://evil.example/reset/",
        "/./register/",
        "/register/%2e%2e/%2e%2e/etc/passwd",
        "/static/../../portal/settings.py",
        "/static/%2e%2e/%2e%2e/portal.sqlite3",
        "/static//etc/passwd",
        "/admin%2faudit/",
        "/admin/%2e/audit/event/",
        "/%00",
        "/" + "a" * 4000,
    ],
)
def test_a_crooked_path_opens_no_page(product: Product, path: str) -> None:
    status, to = send(product, "GET", path)
    assert status in {301, 302, 308, 400, 403, 404, 414} or (status == 200 and path.startswith("http"))
    assert "evil" not in to


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Forwarded_For": "1.2.3.4"},
        {"X_Forwarded_For": "fe80::1%eth0, ,,x" + ",1.1.1.1" * 900},
        {"X_Forwarded_Proto": "https", "X_Forwarded_Host": "evil.example", "Forwarded": "host=evil.example"},
        {"X_HTTP_Method_Override": "DELETE"},
        {"Accept_Language": "x" * 4000},
        {"Cookie": "keyback=" + "%00" * 100 + "; keyback-csrf=\x01"},
        {"Transfer_Encoding": "identity, chunked"},
    ],
)
def test_no_header_breaks_a_page_or_redirects_to_another_site(
    product: Product, headers: dict[str, str]
) -> None:
    status, to = send(product, "GET", "/reset/", **headers)
    assert status in {200, 400, 431, 501}
    assert "evil" not in to


def test_a_failing_request_leaves_no_secret_in_any_file(product: Product) -> None:
    body = urlencode({"name": CANARY, "current": CANARY, "new": CANARY, "confirm": CANARY}).encode()
    assert send(product, "POST", "/change/", body, Content_Type=FORM)[0] == 403  # without its token
    assert send(product, "POST", "/change/", json.dumps(CANARY).encode(), Content_Type="text/json")[0] == 415
    assert send(product, "PUT", "/change/", body, Content_Type=FORM)[0] == 403
    assert send(product, "POST", "/change/", body * 900, Content_Type=FORM)[0] in {400, 403}
    assert send(product, "GET", f"/change/?new={quote(CANARY)}", Referer=f"/?a={quote(CANARY)}")[0] == 200
    walker = Walker(product.base)
    walker.fill(walker.get("/register/sign-in/"), name=CANARY, password=CANARY)
    walker.fill(walker.get("/change/"), name="nobody", current=CANARY, new=CANARY, confirm=CANARY)
    walker.fill(walker.get("/admin/login/"), username=CANARY, password=CANARY, otp_token="000000")
    page = walker.fill(walker.get("/reset/"), name="nobody")
    page = walker.fill(page, offer=next(iter(offers(page.text).values())))
    assert walker.fill(page, code=CANARY).status == 422
    kept = [str(path) for path in files_of(product) for form in forms_of(CANARY) if form in path.read_bytes()]
    assert kept == []


def test_the_process_list_shows_no_secret_of_a_running_worker(product: Product) -> None:
    assert product.worker.process
    about = Path(f"/proc/{product.worker.process.pid}")
    shown = (about / "cmdline").read_bytes() + (about / "environ").read_bytes()
    for secret in product.files.home.rglob("*.secret"):
        assert secret.read_bytes().strip() not in shown
