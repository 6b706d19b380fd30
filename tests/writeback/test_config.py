"""A wrong setting stops the start with a sentence that names it; the example that is shipped is right."""

import os
import re
from pathlib import Path

import pytest

from tests.fakes.certificates import any_authority
from writeback.ceiling import Attempts, Ceiling, Gate, Limits, Rate
from writeback.config import Config, ConfigError, load
from writeback.config.files import open_files, open_to_all
from writeback.envelope.jobs import JOBS, Operation

EXAMPLE = Path("deploy/writeback.toml.example")
SECRETS = ("redis", "directory", "mail")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in SECRETS:
        (tmp_path / f"{name}.secret").write_text(f"{name}-hush\n")
        (tmp_path / f"{name}.secret").chmod(0o600)
    (tmp_path / "ca.pem").write_bytes(any_authority())
    (tmp_path / "redis.pem").write_bytes(any_authority())
    write(tmp_path, EXAMPLE.read_text().replace("/etc/keyback/", ""))
    return tmp_path


def write(folder: Path, text: str) -> None:
    path = folder / "writeback.toml"
    path.write_text(text)
    path.chmod(0o640)


def changed(folder: Path, old: str, new: str) -> None:
    text = (folder / "writeback.toml").read_text()
    assert old in text, f"the example no longer holds {old}"
    write(folder, text.replace(old, new, 1))


def read(folder: Path) -> Config:
    return load(folder / "writeback.toml")


def problems(folder: Path) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        read(folder)
    return caught.value.problems


def test_the_shipped_example_starts(folder: Path) -> None:
    config = read(folder)

    assert config.site.name == "main"
    assert config.directories[0].password.reveal() == "directory-hush"
    assert config.ceiling.operations == {job.__name__ for job in JOBS.values()}
    assert config.ceiling.scope.own_accounts == ("CN=svc-keyback,OU=Services,DC=corp,DC=example",)


def test_the_shipped_example_shows_the_values_that_hold_without_it(folder: Path) -> None:
    text = (folder / "writeback.toml").read_text()
    shown = read(folder).ceiling
    for name in ("gates.reset", "gates.unlock", "gates.register", "limits", "attempts"):
        text = re.sub(rf"^\[{re.escape(name)}\]\n(?:(?!\[).*\n)*", "", text, flags=re.MULTILINE)
    write(folder, text)

    silent = read(folder).ceiling

    assert (silent.gates, silent.limits, silent.attempts) == (shown.gates, shown.limits, shown.attempts)
    assert (silent.limits, silent.attempts) == (Limits(), Attempts())


def test_no_secret_shows_when_the_configuration_is_printed(folder: Path) -> None:
    assert "hush" not in repr(read(folder))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('name = "main"', 'name = "Main Site"', "[site] name:"),
        ('worker = "w1"', "worker = 1", "[site] worker:"),
        ("sqlite:////var", "postgresql://me:pw@db/x?a=", "[site] state: holds a password"),
        ('state = "', 'stat = "', '[site] stat: is not a setting; did you mean "state"?'),
        ("rediss://redis", "redis://redis", "[redis] url: must begin with rediss://"),
        ("rediss://", "rediss://me:pw@", "[redis] url: holds a name or password"),
        ("example:6379", "example:99999", "[redis] url: is not an address"),
        ("redis.corp.example", "[::1", "[redis] url: is not an address"),
        ("sqlite:////var", "sqlite://[", "[site] state: is not an address"),
        ("rediss://", "http://", "[redis] url: must begin"),
        ("example:6379", "example:6379/0?ssl_cert_reqs=none", "[redis] url: must not have a query"),
        ('ca_file = "redis.pem"', 'ca_file = "gone.pem"', "[redis] ca_file:"),
        ('"redis.secret"', '"gone.secret"', "[redis] password_file:"),
        ("public_key_file", "public_key", "[portal] public_key: is not a setting"),
        ("[[directory]]", "[[directories]]", "[[directory]]: there must be at least one."),
        ("[[directory]]", "[[directories]]", '[directories]: is not a setting; did you mean "directory"?'),
        ('["dc1.corp.example", "dc2.corp.example"]', '["ldap://dc1"]', "[[directory]] hosts:"),
        ('["dc1.corp.example", "dc2.corp.example"]', "[]", "[[directory]] hosts: must name at least one."),
        ('base = "DC=corp,DC=example"', 'base = "corp.example"', "[[directory]] base:"),
        ('"require"', '"requir"', '[[directory]] policy_hints: "requir" is not one of'),
        (
            "connect_timeout = 3",
            "connect_timeout = 2.5",
            "[[directory]] connect_timeout: must be a whole number",
        ),
        ("connect_timeout = 3", "connect_timeout = true", "[[directory]] connect_timeout:"),
        ("total = 12", "total = 1", "[[directory]] total:"),
        ("total = 12", "total = 13", "[[directory]] total:"),
        ('base = "DC=corp,DC=example"', 'base = "OU=x,DC=corp"', "[[directory]] base:"),
        ('"starttls"', '"none"', "[mail] security:"),
        ('"starttls"', '"ssl"', "[mail] security:"),
        ("keyback@corp.example>", "keyback>", "[mail] sender:"),
        ("port = 587", "port = 0", "[mail] port:"),
        ('["OU=Staff,DC=corp,DC=example"]', "[]", "[scope] bases: must name at least one."),
        ('["OU=Staff,DC=corp,DC=example"]', '["Staff"]', "[scope] bases:"),
        ("OU=Staff,DC=corp", "OU=Staff,DC=crop", '[scope] bases: "OU=Staff,DC=crop,DC=example" lies in no'),
        ("OU=Groups,DC=corp", "OU=Groups,DC=crop", "[scope] operators:"),
        ("CN=DnsAdmins,CN=Users,", "CN=DnsAdmins,CN=Users,DC=eu,", '[scope] deny_groups: "CN=DnsAdmins'),
        ("OU=Groups,DC=corp", "OU=Groups,DC=eu,DC=corp", "[scope] operators:"),
        ("OU=Staff,DC=corp", "OU=Staff,DC=eu,DC=corp", "[scope] bases:"),
        ("deny_spn = true", 'deny_spn = "yes"', "[scope] deny_spn: must be true or false."),
        ("methods = 2", "methods = 1", "[gates.reset] methods: must be a whole number from 2 to 3."),
        ("methods = 2", "methods = 4", "[gates.reset] methods: must be a whole number from 2 to 3."),
        ("methods = 1    ", "methods = 0    ", "[gates.register] methods: must be a whole"),
        ("[gates.register]", "[gates.register]\nnever_alone = ['app']", "[gates.register] never_alone:"),
        ("[limits]", "[gates.change]\nmethods = 1\n[limits]", "[gates.change] methods: must be 0"),
        ("[limits]", "[gates.change]\nfamilies = 1\n[limits]", "[gates.change] families: must be 0"),
        (
            "[limits]",
            "[gates.change]\nnever_alone = ['totp']\n[limits]",
            "[gates.change] never_alone: must be left out",
        ),
        ("families = 2", "families = 3", "[gates.reset] families: 2 methods can't span 3 families."),
        (
            '["sms", "email"',
            '["sms", "emial"',
            '[gates.unlock] never_alone: "emial" is not known here; did you',
        ),
        ("[gates.unlock]", "[gates.unlok]", '[gates] unlok: is not a setting; did you mean "unlock"?'),
        ('["5/1h", "10/24h"]', "5", "[limits] per_user: must be a rate"),
        ('["5/1h", "10/24h"]', '"five an hour"', "[limits] per_user:"),
        ('"60/m"', '"60/2d"', "[limits] global: must not be longer than a day."),
        ('"60/m"', '"0/m"', "[limits] global:"),
        ('per_destination = "5/1h"', 'per_dest = "5/1h"', "[limits.sends] per_dest: is not a setting"),
        ('new_factor_cooldown = "24h"', "new_factor_cooldown = 24", "[limits] new_factor_cooldown:"),
        ('contact = "helpdesk@corp.example"', "", "[notify] contact: is missing."),
        ('["ad:mail", "factors"]', "[]", "[notify] channels:"),
        ("on_call = []", 'on_call = ["ann"]', "[notify] on_call:"),
        ("on_call = []", 'on_call = ["jörg@corp.example"]', "[notify] on_call:"),
        ("on_call = []", 'on_call = ["Ann <ann@corp.example>"]', "[notify] on_call:"),
        (
            '"tell-administrators"',
            '"tell-administrator"',
            '[notify] unreachable: "tell-administrator" is not one of tell-administrators, tell-nobody, r',
        ),
        ("on_call = []", 'administrators = ["Ann"]', "[notify] administrators:"),
        ('"SignIn"', '"SignInn"', '[operations] allow: "SignInn" is not known here; did you mean "SignIn"?'),
        ('"JobStatus", ', "", "[operations] allow: must hold JobStatus"),
        ('code_life = "5m"', 'code_life = "11m"', '[attempts] code_life: "11m" is not between 1m and 10m.'),
        ("[attempts]", "[attempts]\ncode_digits = 6", "[attempts] code_digits: can only be 8; leave it out"),
        ("[attempts]", "[attempts]\ncode_digits = true", "[attempts] code_digits: can only be 8"),
        ("wrong_in_a_row = 50 ", "wrong_in_a_row = 51 ", "[attempts] wrong_in_a_row:"),
        ("wrong_a_year = 20", "wrong_a_year = 26", "[attempts] wrong_a_year:"),
        ('first_rest = "15m"', 'first_rest = "25h"', "[attempts] first_rest:"),
        ("[attempts]", "[atempts]", '[atempts]: is not a setting; did you mean "attempts"?'),
    ],
)
def test_a_wrong_setting_is_named(folder: Path, old: str, new: str, told: str) -> None:
    changed(folder, old, new)

    assert any(problem.startswith(told) for problem in problems(folder)), problems(folder)


def test_an_old_file_that_names_the_digits_of_a_mailed_code_is_still_read(folder: Path) -> None:
    changed(folder, "[attempts]", "[attempts]\ncode_digits = 8")

    assert read(folder).ceiling.attempts == Attempts()


def test_a_mail_password_that_smtp_cannot_carry_is_refused_without_showing_it(folder: Path) -> None:
    (folder / "mail.secret").write_text("geheimnis-ü\n")

    (problem,) = problems(folder)
    assert problem.startswith("[mail] username: name and password must be ASCII")
    assert "geheim" not in problem


def test_all_wrong_settings_are_reported_at_once(folder: Path) -> None:
    changed(folder, 'name = "main"', "name = 7")
    changed(folder, "deny_spn = true", "deny_spn = 1")
    changed(folder, "tries_per_code = 3", "tries_per_code = 80")

    assert len(problems(folder)) == 3


def test_a_controller_may_be_named_with_its_address_and_port(folder: Path) -> None:
    changed(folder, '"dc1.corp.example", ', '"dc1.corp.example@127.0.0.10:1636", "dc3@[::1]", ')

    assert read(folder).directories[0].hosts[0] == "dc1.corp.example@127.0.0.10:1636"


@pytest.mark.parametrize("text", ["", "[site", "\x00", "site = 3\nredis = []\nscope = 'x'\n[[operations]]\n"])
def test_a_file_of_another_shape_is_refused_in_sentences(folder: Path, text: str) -> None:
    write(folder, text)

    assert all(problem.endswith((".", "?.")) or ":" in problem for problem in problems(folder))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"writeback\.toml can't be read"):
        load(tmp_path / "writeback.toml")


@pytest.mark.parametrize("mode", [0o604, 0o644, 0o602, 0o620])
def test_a_secret_file_that_is_open_to_others_is_refused_and_the_fix_is_told(folder: Path, mode: int) -> None:
    (folder / "directory.secret").chmod(mode)

    assert any("run: chmod 0600" in problem for problem in problems(folder))


@pytest.mark.parametrize("content", ["", "\n", "one\ntwo\n"])
def test_a_secret_file_must_hold_one_line(folder: Path, content: str) -> None:
    (folder / "redis.secret").write_text(content)

    assert any(problem.startswith("[redis] password_file:") for problem in problems(folder))


@pytest.mark.parametrize("mode", [0o660, 0o646, 0o666])
def test_a_file_that_others_can_write_is_refused_and_the_fix_is_told(folder: Path, mode: int) -> None:
    path = folder / "writeback.toml"
    path.chmod(mode)

    assert problems(folder) == (
        f"{path} can be written by users other than its owner; run: chmod go-w {path}.",
    )


@pytest.mark.parametrize("mode", [0o770, 0o707])
def test_a_folder_in_which_others_could_replace_the_file_is_refused(folder: Path, mode: int) -> None:
    folder.chmod(mode)

    assert f"{folder} can be written by users other than its owner; run: chmod go-w {folder}." in problems(
        folder
    )


def test_a_folder_further_up_that_everybody_can_write_is_refused(folder: Path) -> None:
    inner = folder / "inner"
    inner.mkdir(mode=0o700)
    (inner / "writeback.toml").write_text("")
    folder.chmod(0o777)
    found = list(open_files(inner / "writeback.toml"))
    folder.chmod(0o1777)

    assert found == [f"{folder} can be written by users other than its owner; run: chmod go-w {folder}."]
    assert list(open_files(inner / "writeback.toml")) == []


def test_the_folder_of_a_link_counts_as_well_as_that_of_its_target(folder: Path) -> None:
    links, between = folder / "links", folder / "between"
    for place in (links, between):
        place.mkdir(mode=0o700)
    (between / "second.toml").symlink_to(folder / "writeback.toml")
    (links / "writeback.toml").symlink_to("../between/second.toml")
    assert list(open_files(links / "writeback.toml")) == []
    for place in (links, between):
        place.chmod(0o770)

    told = "\n".join(open_files(links / "writeback.toml"))
    assert f"{links} can be written by users other than its owner; run: chmod go-w {links}." in told
    assert f"{between} can be written by users other than its owner; run: chmod go-w {between}." in told
    links.chmod(0o707)
    assert open_to_all(links / "writeback.toml") == [links]


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
@pytest.mark.parametrize(("user", "group", "mode"), [(54321, -1, 0o700), (-1, 54321, 0o770)])
def test_a_parent_folder_of_another_owner_is_refused(folder: Path, user: int, group: int, mode: int) -> None:
    inner = folder / "inner" / "more"
    inner.mkdir(parents=True, mode=0o700)
    (inner / "writeback.toml").write_text("")
    os.chown(inner.parent, user, group)
    inner.parent.chmod(mode)

    (told,) = open_files(inner / "writeback.toml")
    assert told.startswith(f"{inner.parent} ")


def test_authorities_below_an_open_folder_name_that_folder(folder: Path) -> None:
    opened = folder / "open"
    (opened / "inner").mkdir(parents=True)
    (opened / "inner" / "redis.pem").write_bytes(any_authority())
    opened.chmod(0o777)

    assert open_to_all(opened / "inner" / "redis.pem") == [opened]


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to somebody else")
def test_a_file_and_a_folder_of_somebody_else_are_refused(folder: Path) -> None:
    path = folder / "writeback.toml"
    for place in (path, folder):
        os.chown(place, 54321, -1)

    assert problems(folder) == (
        f"{path} belongs to #54321; run: chown root {path}.",
        f"{folder} belongs to #54321; run: chown root {folder}.",
    )
    assert list(open_files(path, me=54321)) == []


def test_authorities_in_another_encoding_are_named_with_the_command_that_makes_pem(folder: Path) -> None:
    path = folder / "redis.pem"
    path.write_bytes(any_authority().decode().encode("utf-16"))

    (told,) = problems(folder)
    says, _, command = told.partition("; run: ")
    assert says == f"[redis] ca_file: {path} is UTF-16 text, as PowerShell's > writes it, and PEM is needed"
    assert command == f"iconv -f UTF-16 -t UTF-8 {path} > {path}.new && mv {path}.new {path}."


def test_authorities_that_everybody_can_change_are_refused(folder: Path) -> None:
    path = folder / "ca.pem"
    path.chmod(0o646)

    assert problems(folder) == (
        f"[[directory]] ca_file: everybody can change {path}; run: chmod go-w {path}.",
    )


def test_the_hash_of_the_ceiling_follows_each_of_its_values(folder: Path) -> None:
    before = read(folder).ceiling_hash
    changed(folder, "port = 587", "port = 588")
    same = read(folder).ceiling_hash
    changed(folder, '"5/1h", "10/24h"', '"6/1h", "10/24h"')
    after = read(folder).ceiling_hash

    assert before == same
    assert before != after
    assert len(after) == 32


@pytest.mark.parametrize("operation", [Operation.RESET, Operation.UNLOCK, Operation.REGISTER])
def test_every_setting_of_a_gate_is_read(folder: Path, operation: Operation) -> None:
    text = re.sub(r"\[gates\.\w+\]\n(?:(?!\[).*\n)*", "", (folder / "writeback.toml").read_text())
    gate = f'[gates.{operation}]\nmethods = 3\nfamilies = 2\nnever_alone = ["totp"]\n\n[limits]'
    write(folder, text.replace("[limits]", gate))

    assert read(folder).ceiling.gates[operation] == Gate(
        methods_needed=3, families_needed=2, never_alone=frozenset({"totp"})
    )


def test_the_old_name_of_families_is_still_read(folder: Path) -> None:
    text = (folder / "writeback.toml").read_text()
    write(folder, text.replace("families", "groups"))

    assert read(folder).ceiling.gates[Operation.RESET].families_needed == 2


def test_a_gate_that_is_not_named_has_the_values_of_the_product(folder: Path) -> None:
    config: Ceiling = read(folder).ceiling

    assert config.gates[Operation.CHANGE].methods_needed == 0
    assert config.limits.site == (Rate(count=60, seconds=60),)


@pytest.mark.parametrize(
    ("written", "hear"),
    [
        ("", ("helpdesk@corp.example",)),
        ('on_call = ["ann@corp.example"]', ("ann@corp.example",)),
        ('on_call = ["ann@straße.example"]', ("ann@straße.example",)),
        ('on_call = ["root@mailhost"]', ("root@mailhost",)),
        ('on_call = ["ann@corp.example"]\nadministrators = ["ben@corp.example"]', ("ben@corp.example",)),
        ("administrators = []", ()),
    ],
)
def test_by_default_somebody_hears_for_people_without_an_address(
    folder: Path, written: str, hear: tuple[str, ...]
) -> None:
    changed(folder, "on_call = []", written)

    assert read(folder).ceiling.notify.administrators == hear


def test_a_contact_that_is_no_mail_address_hears_nothing(folder: Path) -> None:
    changed(folder, 'contact = "helpdesk@corp.example"', 'contact = "extension 4711"')

    assert read(folder).ceiling.notify.administrators == ()
