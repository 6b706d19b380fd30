"""Key files: private, whole, rolled in time, wiped when they have ended."""

from pathlib import Path

import pytest

from tests.envelope.keys import PORTAL, signing_key
from tests.fakes.clock import FakeClock
from writeback.envelope.errors import EnvelopeError
from writeback.envelope.pairing import write_portal_enrolment
from writeback.vault import Vault, VaultError

pytestmark = pytest.mark.slow

MINUTE, DAY = 60, 86400
STRING = write_portal_enrolment(PORTAL)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def vault(tmp_path: Path, clock: FakeClock) -> Vault:
    made = Vault(tmp_path / "keys", tmp_path / "run", tmp_path / "portal.pub", clock.now)
    made.create()
    return made


def again(vault: Vault) -> Vault:
    """Return the vault of another process."""
    return Vault(vault.keys, vault.run, vault.portal_file, vault.now)


def test_every_file_is_for_its_owner_only(vault: Vault) -> None:
    vault.keyring()
    vault.pin_portal(STRING)
    files = [path for folder in (vault.keys, vault.run) for path in folder.iterdir()]
    assert {path.stat().st_mode & 0o777 for path in [*files, vault.portal_file]} <= {0o600}
    assert {folder.stat().st_mode & 0o777 for folder in (vault.keys, vault.run)} == {0o700}


def test_creating_twice_changes_nothing(vault: Vault) -> None:
    before = {path: path.read_bytes() for path in vault.keys.iterdir()}
    again(vault).create()
    assert {path: path.read_bytes() for path in vault.keys.iterdir()} == before


def test_a_site_is_made_and_switched_off_without_the_folder_that_lives_with_the_worker(
    tmp_path: Path,
) -> None:
    nowhere = tmp_path / "a file"
    nowhere.touch()
    vault = Vault(tmp_path / "keys", nowhere / "run", tmp_path / "portal.pub", FakeClock().now)
    vault.create()
    vault.pin_portal(STRING)
    vault.disable()
    assert vault.portal() is None
    vault.enable()
    with pytest.raises(VaultError, match="Not a directory"):
        vault.keyring()


def test_another_process_finds_the_same_keys(vault: Vault) -> None:
    one, two = vault.keyring(), again(vault).keyring()
    assert (one.identity.public, one.prekeys, one.rsas) == (two.identity.public, two.prekeys, two.rsas)
    assert one.recipient() == two.recipient()


def test_prekeys_roll_every_hour_and_old_ones_are_wiped(vault: Vault, clock: FakeClock) -> None:
    first = vault.keyring().prekeys[0]
    clock.move(60 * MINUTE)
    both = vault.keyring().prekeys
    assert [key.id for key in both][1:] == [first.id]
    clock.move(5 * MINUTE)
    assert [key.id for key in vault.keyring().prekeys] == [both[0].id]
    assert len(list(vault.run.glob("prekey-*"))) == 1


def test_after_70_minutes_no_file_holds_the_old_prekey(vault: Vault, clock: FakeClock) -> None:
    old = vault.keyring().prekeys[0]
    kept = next(vault.run.glob("prekey-*")).read_bytes().strip()
    clock.move(70 * MINUTE)
    assert old not in again(vault).keyring().prekeys
    assert all(kept not in path.read_bytes() for path in vault.keys.parent.rglob("*") if path.is_file())


def test_rsa_keys_roll_by_themselves_and_overlap_for_a_day(vault: Vault, clock: FakeClock) -> None:
    first = vault.keyring().rsas[0]
    clock.move(188 * DAY)
    assert vault.keyring().rsas[0].id != first.id
    clock.move(60)
    vault.roll_rsa()
    clock.move(3600)
    assert len(vault.keyring().rsas) == 2
    clock.move(DAY)
    assert len(vault.keyring().rsas) == len(list(vault.keys.glob("rsa-*"))) == 1


def test_state_keys_are_added_and_never_taken_away(vault: Vault, clock: FakeClock) -> None:
    first = vault.state_keys()
    clock.move(10)
    vault.roll_state_key()
    assert vault.state_keys()[:1] == first
    assert len(vault.state_keys()) == 2


def test_the_portal_is_pinned_by_its_string(vault: Vault) -> None:
    assert vault.portal() is None
    assert vault.pin_portal(f"  {STRING[:30]}\n{STRING[30:]}\n") == PORTAL.public
    assert again(vault).portal() == PORTAL.public
    with pytest.raises(EnvelopeError):
        vault.pin_portal("junk")
    assert vault.portal() == PORTAL.public


def test_disable_forgets_the_portal_and_enable_does_not_bring_it_back(vault: Vault) -> None:
    vault.pin_portal(STRING)
    before = vault.keyring()
    vault.disable()
    assert again(vault).keyring().portal is None
    assert not vault.portal_file.exists()
    vault.enable()
    after = again(vault).keyring()
    assert after.portal is None
    assert {key.id for key in after.rsas}.isdisjoint(key.id for key in before.rsas)
    vault.pin_portal(write_portal_enrolment(signing_key("new portal")))
    assert again(vault).keyring().portal == signing_key("new portal").public


def test_while_disabled_even_a_pinned_portal_is_not_heard(vault: Vault) -> None:
    vault.disable()
    vault.pin_portal(STRING)
    assert vault.keyring().portal is None


def test_without_an_identity_the_worker_does_not_start(tmp_path: Path, clock: FakeClock) -> None:
    with pytest.raises(VaultError, match="writeback setup"):
        Vault(tmp_path / "keys", tmp_path / "run", tmp_path / "portal.pub", clock.now).keyring()


@pytest.mark.parametrize("name", ["identity.key", "rsa-*", "state-*"])
def test_a_key_file_that_others_can_read_is_not_used(vault: Vault, name: str) -> None:
    path = next(vault.keys.glob(name))
    path.chmod(0o640)
    fresh = again(vault)
    with pytest.raises(VaultError, match=f"chmod 600 .*{path.name}"):
        (fresh.keyring(), fresh.state_keys())


def test_a_folder_that_others_can_read_is_not_used(vault: Vault) -> None:
    vault.keys.chmod(0o750)
    with pytest.raises(VaultError, match="chmod 700"):
        again(vault).keyring()


@pytest.mark.parametrize("name", ["identity.key", "rsa-*", "state-*"])
@pytest.mark.parametrize("junk", [b"", b"x", b"\xff" * 99])
def test_a_file_without_a_key_is_named(vault: Vault, name: str, junk: bytes) -> None:
    path = next(vault.keys.glob(name))
    path.write_bytes(junk)
    fresh = again(vault)
    with pytest.raises(VaultError, match=path.name):
        (fresh.keyring(), fresh.state_keys())


def test_a_portal_file_that_holds_something_else_is_reported_by_name(vault: Vault) -> None:
    vault.portal_file.write_text("junk")
    with pytest.raises(VaultError, match=r"portal\.pub"):
        vault.keyring()


def test_no_key_shows_when_a_vault_is_printed(vault: Vault) -> None:
    ring = vault.keyring()
    for secret in (ring.identity.raw().hex(), ring.prekeys[0].key.private_bytes_raw().hex(), "PrivateKey"):
        assert secret not in repr(vault) + repr(ring)
