"""The sections with addresses and credentials: site, redis, portal, directory, mail."""

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from writeback.ceiling import parse_dn
from writeback.config.reader import Section
from writeback.config.values import DirectoryConfig, MailConfig, PortalConfig, RedisConfig, SiteConfig
from writeback.envelope.deadlines import LONGEST_CALL
from writeback.envelope.secret import Secret

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?", re.ASCII)
_HOST = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._-]{0,252}(?:@(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+))?(?::\d{1,5})?", re.ASCII
)
_SENDER = re.compile(r"(?:[^<>@\r\n]*<)?[^\s@<>,;:\"]+@[A-Za-z0-9.-]+>?", re.ASCII)


def read_site(part: Section) -> SiteConfig:
    state = part.text("state", "")
    if _split(part, "state", state).password:
        part.problem("state", "holds a password; put the address into a file and name it as state_file")
    if bool(state) == part.has("state_file"):
        part.problem("state", "give either state or state_file")
    site = SiteConfig(
        name=part.matching("name", _NAME, "name of lower-case letters, digits and hyphens"),
        worker=part.matching("worker", _NAME, "name of lower-case letters, digits and hyphens"),
        state=Secret(state) if state else part.secret("state_file"),
        keys=part.path("keys"),
        run=part.path("run"),
        audit=part.path("audit"),
    )
    part.done()
    return site


def read_redis(part: Section) -> RedisConfig:
    url = part.text("url")
    parsed = _split(part, "url", url)
    if parsed.password or parsed.username:
        part.problem("url", "holds a name or password; use username and password_file")
    if url and parsed.scheme not in ("rediss", "redis"):
        part.problem("url", "must begin with rediss://")
    if parsed.query or parsed.fragment:
        # redis-py reads ssl_cert_reqs and more from it, which would switch off the certificate check.
        part.problem("url", "must not have a query: use the settings of [redis] instead")
    if parsed.scheme == "redis" and not _is_loopback(parsed.hostname or ""):
        part.problem("url", "must begin with rediss:// (redis:// only for this machine)")
    redis = RedisConfig(
        url=url,
        username=part.text("username"),
        password=part.secret("password_file"),
        ca_file=part.authorities("ca_file"),
    )
    part.done()
    return redis


def read_portal(part: Section) -> PortalConfig:
    portal = PortalConfig(public_key_file=part.path("public_key_file"))
    part.done()
    return portal


def read_directory(part: Section) -> DirectoryConfig:
    hosts, base = part.texts("hosts"), part.text("base")
    hints = part.choice("policy_hints", ("require", "prefer"), "require")
    part.each("hosts", hosts, _check_host)
    part.each("base", (base,) if base else (), _check_domain)
    directory = DirectoryConfig(
        id=part.matching("id", _NAME, "name of lower-case letters, digits and hyphens"),
        hosts=hosts,
        base=base,
        bind=part.text("bind"),
        password=part.secret("password_file"),
        ca_file=part.authorities("ca_file"),
        policy_hints="prefer" if hints == "prefer" else "require",
        connect_timeout=part.number("connect_timeout", 3, 1, 10),
        receive_timeout=part.number("receive_timeout", 10, 1, LONGEST_CALL),
        total=part.number("total", LONGEST_CALL, 2, LONGEST_CALL),
    )
    part.done()
    return directory


def read_mail(part: Section) -> MailConfig:
    security = part.choice("security", ("tls", "starttls", "none"), "starttls")
    host, username = part.text("host"), part.text("username", "")
    if security == "none" and host and not _is_loopback(host):
        part.problem("security", '"none" is for a relay on this machine only: codes would travel unencrypted')
    if security == "none" and username:
        part.problem("username", 'a password is not sent unencrypted; use security = "starttls"')
    password = part.secret("password_file") if username else None
    if not username.isascii() or (password is not None and not password.reveal().isascii()):
        part.problem("username", "name and password must be ASCII: SMTP allows nothing else")
    mail = MailConfig(
        host=host,
        port=part.number("port", {"tls": 465, "starttls": 587}.get(security, 25), 1, 65535),
        security=security,
        sender=part.matching("sender", _SENDER, "mail address"),
        username=username,
        password=password,
        ca_file=part.authorities("ca_file"),
        timeout=part.number("timeout", 10, 1, 60),
    )
    part.done()
    return mail


def _split(part: Section, key: str, url: str) -> SplitResult:
    try:
        parsed = urlsplit(url)
        _ = parsed.port  # raises ValueError for a wrong port
    except ValueError as error:
        part.problem(key, f"is not an address: {error}")
        return urlsplit("")
    return parsed


def _check_host(host: str) -> None:
    if not _HOST.fullmatch(host):
        raise ValueError(
            f'"{host}" is not a host; write "dc1.corp.example" or "dc1.corp.example@192.0.2.1:636"'
        )


def _check_domain(base: str) -> None:
    if not all(kind == "dc" for part in parse_dn(base) for kind, _ in part):
        raise ValueError(f'"{base}" is not the DN of a domain, such as "DC=corp,DC=example"')


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
