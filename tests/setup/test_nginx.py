"""The shipped configuration of nginx, run: its logs, who may open the health pages, and its own pages."""

import http.client
import re
import shutil
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingUnixStreamServer
from typing import Any, NamedTuple

import pytest

from deploy.dev.demo.supervisor import Child
from deploy.dev.lab.certificates import Authority
from deploy.dev.processes import answers, free_port
from tests.architecture.sources import ROOT

pytestmark = pytest.mark.debian

SHIPPED = (ROOT / "deploy" / "nginx.conf").read_text()
NAME = "reset.corp.example"
MAIN = """daemon off;
user root;
pid {home}/nginx.pid;
error_log {home}/main.log;
events {{ worker_connections 64; }}
http {{
    access_log {home}/debian.log;
    error_log {home}/main.log;
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi;
    scgi_temp_path {home}/scgi;
    include {home}/keyback.conf;
}}
"""


class Answer(NamedTuple):
    """What came back."""

    status: int
    page: str
    headers: dict[str, str]


@dataclass(frozen=True)
class Proxy:
    """A running nginx with the configuration that ships, at other addresses."""

    home: Path
    web: int
    plain: int
    authority: Authority

    def get(self, target: str, *, source: str = "127.0.0.1") -> tuple[int, str]:
        told = self.ask(target, source=source)
        return told.status, told.page

    def ask(self, target: str, *, source: str = "127.0.0.1") -> Answer:
        context = ssl.create_default_context(cafile=self.authority.ca_file)
        where = ("127.0.0.1", self.web)
        lines = (f"GET {target} HTTP/1.1", f"Host: {NAME}", "Referer: https://x.example/?q=hush-from")
        with (
            socket.create_connection(where, timeout=5, source_address=(source, 0)) as plain,
            context.wrap_socket(plain, server_hostname=NAME) as tls,
        ):
            tls.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode())
            response = http.client.HTTPResponse(tls)
            response.begin()
            return Answer(response.status, response.read().decode(), dict(response.headers))

    def logged(self) -> str:
        return "".join(path.read_text() for path in self.home.glob("*.log"))


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    if not shutil.which("nginx", path="/usr/sbin:/usr/bin"):
        pytest.fail("nginx is missing; `make setup` installs it")
    home = tmp_path_factory.mktemp("nginx")
    authority = Authority.create(home)
    cert, key = authority.issue(home / "tls", names=[NAME], addresses=[])
    made = Proxy(home, free_port(), free_port(), authority)
    changes = {
        r"^ *listen \[::\].*\n": "",
        r"listen 80;": f"listen 127.0.0.1:{made.plain};",
        r"listen 443 ": f"listen 127.0.0.1:{made.web} ",
        r"/etc/ssl/keyback/fullchain.pem": str(cert),
        r"/etc/ssl/keyback/key.pem": str(key),
        r"rate=20r/s": "rate=20r/m",  # so that a slow machine reaches the limit, too
        r"/var/log/nginx": str(home),
        r"/run/keyback-portal": str(home),
    }
    text = SHIPPED
    for old, new in changes.items():
        assert re.search(old, text, re.MULTILINE), old
        text = re.sub(old, new, text, flags=re.MULTILINE)
    (home / "keyback.conf").write_text(text)
    (home / "nginx.conf").write_text(MAIN.format(home=home))
    child = Child(
        "nginx",
        ["/usr/sbin/nginx", "-p", str(home), "-c", str(home / "nginx.conf")],
        log=home / "out.log",
        ready=lambda: answers("127.0.0.1", made.web),
    )
    child.start()
    yield made
    child.stop()


class Portal(BaseHTTPRequestHandler):
    """Answers with what it was asked for."""

    def address_string(self) -> str:
        return "nginx"

    def log_message(self, *_: Any) -> None:
        """Log nothing."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        told = (self.path, self.headers["X-Forwarded-For"], self.headers["X-Forwarded-Proto"])
        self.wfile.write(" ".join(told).encode())


@contextmanager
def portal(home: Path) -> Iterator[None]:
    path = home / "gunicorn.sock"
    path.unlink(missing_ok=True)
    with ThreadingUnixStreamServer(str(path), Portal) as server:
        path.chmod(0o666)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
            path.unlink()


def test_no_query_and_no_referrer_is_logged(proxy: Proxy) -> None:
    with portal(proxy.home):
        assert proxy.get("/reset/?name=hush-1") == (200, "/reset/?name=hush-1 127.0.0.1 https")
        hasty = [proxy.get(f"/reset/?name=hush-2-{number}", source="127.0.0.5") for number in range(70)]
    assert 429 in [status for status, _ in hasty]
    assert proxy.get("/later/?name=hush-3", source="127.0.0.9")[0] == 503
    plain = http.client.HTTPConnection("127.0.0.1", proxy.plain, timeout=5)
    plain.request("GET", "/register/?name=hush-4", headers={"Host": NAME})
    told = plain.getresponse()
    assert (told.status, told.headers["Location"]) == (308, f"https://{NAME}/register/?name=hush-4")
    plain.close()
    logged = proxy.logged()
    assert '"GET /reset/" 200' in logged
    assert '"GET /later/" 503' in logged
    assert '"GET /register/" 308' in logged
    assert "hush" not in logged


def test_only_the_monitor_may_open_the_health_pages(proxy: Proxy) -> None:
    with portal(proxy.home):
        for probe in ("/healthz", "/readyz"):
            assert proxy.get(probe) == (200, f"{probe} 127.0.0.1 https")
            assert proxy.get(probe, source="127.0.0.8")[0] == 403
    assert "healthz" not in proxy.logged()
    assert "readyz" not in proxy.logged()


def test_a_page_says_that_the_portal_is_away(proxy: Proxy) -> None:
    away = proxy.ask("/reset/", source="127.0.0.7")
    assert (away.status, away.headers["Retry-After"]) == (503, "60")
    assert "Not available right now" in away.page
    assert_is_readable(away.page)
    assert proxy.get("/static/css/page.css", source="127.0.0.7")[0] == 503
    assert proxy.get("/readyz")[0] == 502


def test_too_many_requests_get_a_page_and_a_time_to_retry(proxy: Proxy) -> None:
    with portal(proxy.home):
        came = [proxy.ask("/reset/", source="127.0.0.10") for _ in range(70)]
    refused = next(answer for answer in came if answer.status == 429)
    assert refused.headers["Retry-After"] == "5"
    assert "Too many requests" in refused.page
    assert_is_readable(refused.page)


def test_static_files_have_their_own_rate_limit(proxy: Proxy) -> None:
    files = ("/static/css/page.css", "/favicon.ico", "/manifest.webmanifest")
    with portal(proxy.home):
        fetched = [proxy.get(files[number % 3], source="127.0.0.11")[0] for number in range(90)]
        pages = [proxy.get("/reset/", source="127.0.0.11")[0] for _ in range(70)]
        after = [proxy.get(each, source="127.0.0.11")[0] for each in files]
    assert set(fetched) == set(after) == {200}
    assert (pages[:60], pages[-1]) == ([200] * 60, 429)


def assert_is_readable(page: str) -> None:
    """Check what nginx' own pages have: the width of a phone, a style, and whom to ask."""
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in page
    assert "<style>" in page
    assert "your IT support" in page
