"""The settings of the demo's worker and portal: as in production, with the demo's addresses and secrets."""

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from deploy.dev.demo.mailbox import Mailbox
from deploy.dev.demo.redis import RedisServer
from deploy.dev.lab import Lab
from deploy.dev.lab.certificates import write_secret

WORKER = "w1"
CONTACT = "helpdesk@corp.example"
NO_WAITING = {
    "KEYBACK_FLOOR_MS": "0",
    "KEYBACK_STARTS_PER_BROWSER": "100000",
    "KEYBACK_STARTS_PER_ADDRESS": "100000",
    "KEYBACK_STARTS_PER_NETWORK": "100000",
    "KEYBACK_STARTS_IN_ALL": "100000",
    "KEYBACK_FAILED_SIGN_INS": "1000",
}
"""Settings for the portal of tests and of the bench, which start more often than people do."""
WRITEBACK = """[site]
name = "{site}"
worker = "{worker}"
{state}
keys = "{home}/keys"
run = "{home}/run"
audit = "{home}/audit.jsonl"

[redis]
url = "{redis}"
ca_file = "{redis_ca}"
username = "{redis_user}"
password_file = "{home}/redis.secret"

[portal]
public_key_file = "{home}/keys/portal.pub"

{directories}
[mail]
host = "{mail_host}"
port = {mail_port}
security = "none"
sender = "Keyback <keyback@corp.example>"

[scope]
bases = [{bases}]
operators = ["CN=Keyback-Admins,OU=Groups,{base}", "CN=Keyback-Helpdesk,OU=Groups,{base}"]

[notify]
contact = "{contact}"
on_call = ["{contact}"]

[operations]
allow = [
    "Begin", "SignIn", "ListFactors", "EnrolFactor", "ConfirmFactor", "RemoveFactor", "StartFactor",
    "CheckFactor", "ReadPolicy", "ResetPassword", "ChangePassword", "UnlockAccount", "JobStatus", "Health",
    "AnchorAudit", "CheckGroups", "ExplainPerson",
]
"""
DIRECTORY = """[[directory]]
id = "{id}"
hosts = ["{host}@{address}"]
base = "{base}"
ca_file = "{ca}"
bind = "{bind}"
password_file = "{secret}"
"""
# In the demo a new factor should work at once, and more than five times an hour.
DEMO_LIMITS = """
[limits]
new_factor_cooldown = "0s"
per_user = ["100/1h"]

[attempts]
resend_wait = "5s"
"""


@dataclass(frozen=True)
class WorkerFiles:
    """The data of a worker's files: the parts around it, and the folder for the files.

    `state` is the address of a PostgreSQL database for its state; without it that is a file in the folder.
    `others` are further forests that it serves.
    """

    home: Path
    lab: Lab
    redis: RedisServer
    mailbox: Mailbox
    worker: str = WORKER
    state: str = field(default="", repr=False)
    others: tuple[Lab, ...] = ()

    def write(self, *, more: str = "") -> Path:
        """Write writeback.toml and the secret files beside it; `more` is added to the end of the TOML."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        login = self.redis.workers[self.worker]
        write_secret(self.home / "redis.secret", login.password.encode())
        forests = (self.lab, *self.others)
        state = f'state = "sqlite:///{self.home}/state.sqlite3"'
        if self.state:
            write_secret(self.home / "state.secret", self.state.encode())
            state = f'state_file = "{self.home}/state.secret"'
        path = self.home / "writeback.toml"
        words = WRITEBACK.format(
            site=self.redis.site,
            worker=self.worker,
            home=self.home,
            state=state,
            redis=self.redis.url,
            redis_ca=self.redis.ca_file,
            redis_user=login.username,
            directories="\n".join(map(self._directory, forests)),
            base=self.lab.base_dn,
            bases=", ".join(f'"OU=Staff,{forest.base_dn}"' for forest in forests),
            mail_host=self.mailbox.address,
            mail_port=self.mailbox.port,
            contact=CONTACT,
        )
        write_secret(path, (words + more).encode())
        return path

    def _directory(self, forest: Lab) -> str:
        name = forest.identity.realm.partition(".")[0].lower()
        secret = self.home / ("directory.secret" if forest is self.lab else f"{name}.secret")
        write_secret(secret, forest.service_password.encode())
        return DIRECTORY.format(
            id=name,
            host=forest.host,
            address=forest.address,
            base=forest.base_dn,
            ca=forest.ca_file,
            bind=forest.service_dn,
            secret=secret,
        )


def portal_environment(home: Path, *, redis: RedisServer) -> dict[str, str]:
    """Return the environment for the portal's settings, and write the secret files that it names."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    key, box = home / "secret_key", home / "redis_url"
    if not key.exists():
        write_secret(key, secrets.token_urlsafe(50).encode())
    scheme, _, rest = redis.url.partition("://")
    write_secret(box, f"{scheme}://{redis.portal.username}:{redis.portal.password}@{rest}".encode())
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "KEYBACK_SECRET_KEY_FILE": str(key),
        "KEYBACK_HOSTS": "localhost,127.0.0.1",
        "KEYBACK_INSECURE_HTTP": "yes",
        "KEYBACK_DATA": str(home),
        "KEYBACK_REDIS_URL_FILE": str(box),
        "KEYBACK_REDIS_CA": str(redis.ca_file),
        "KEYBACK_ORGANISATION": "Example Corp",
        "KEYBACK_CONTACT": CONTACT,
    }
