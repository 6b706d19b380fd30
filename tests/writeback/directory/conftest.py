"""The adapter on a server that can be made to misbehave."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace

import pytest

from tests.fakes.certificates import Authority, Pair
from tests.fakes.directory import PLAIN
from tests.fakes.ldap_server import DN, DOMAIN, GUID, LdapServer
from writeback.clock import SystemClock
from writeback.directory.active_directory import ActiveDirectory
from writeback.directory.pool import Pool
from writeback.directory.settings import DirectorySettings
from writeback.envelope.secret import Secret
from writeback.ports import Account, Preimage

DC1, DC2 = "dc1.corp.example", "dc2.corp.example"
SERVICE_PASSWORD = "the-service-account's-own"
MakeServer = Callable[..., LdapServer]
MakeSettings = Callable[..., DirectorySettings]
MakeDirectory = Callable[..., ActiveDirectory]
MakePool = Callable[..., Pool]


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.create(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def make_server(authority: Authority) -> Iterator[MakeServer]:
    with ExitStack() as stack:

        def make(name: str = DC1, *, certificate: Pair | None = None, pdc: str = DC1) -> LdapServer:
            served = certificate or authority.issue(name)
            return stack.enter_context(LdapServer(served, name=name, pdc=pdc))

        yield make


@pytest.fixture
def make_settings(authority: Authority) -> MakeSettings:
    def make(*servers: LdapServer, **changed: object) -> DirectorySettings:
        values: dict[str, object] = {
            "id": "corp",
            "hosts": tuple(server.host for server in servers),
            "base": DOMAIN,
            "ca_file": authority.ca_file,
            "bind_dn": "svc@corp.example",
            "bind_password": Secret(SERVICE_PASSWORD),
            "connect_timeout": 1,
            "receive_timeout": 1,
            "total_deadline": 2,
        }
        return settings(values | changed)

    return make


@pytest.fixture
def make_directory(make_settings: MakeSettings) -> Iterator[MakeDirectory]:
    with ExitStack() as stack:

        def make(*servers: LdapServer, **changed: object) -> ActiveDirectory:
            return stack.enter_context(
                closing(ActiveDirectory(make_settings(*servers, **changed), SystemClock()))
            )

        yield make


@pytest.fixture
def make_pool(make_settings: MakeSettings) -> Iterator[MakePool]:
    with ExitStack() as stack:

        def make(*servers: LdapServer) -> Pool:
            return stack.enter_context(closing(Pool(make_settings(*servers))))

        yield make


def settings(values: dict[str, object]) -> DirectorySettings:
    """Return settings of values whose types the dataclass itself does not check."""
    make: Callable[..., DirectorySettings] = DirectorySettings
    return make(**values)


@pytest.fixture
def server(make_server: MakeServer) -> LdapServer:
    return make_server()


@pytest.fixture
def directory(server: LdapServer, make_directory: MakeDirectory) -> ActiveDirectory:
    return make_directory(server)


@pytest.fixture
def account() -> Account:
    return an_account()


def an_account(*, display_name: str = "Alice Archer", name: str = "alice") -> Account:
    return replace(PLAIN, guid=GUID, dn=DN, name=name, display_name=display_name)


def at(*, locked: bool = False, dc: str = DC1) -> Preimage:
    return Preimage(dc=dc, pwd_last_set=1, locked=locked)
