"""A folder with everything that `writeback` reads: settings made of the shipped example, secrets, keys."""

from pathlib import Path

from deploy.dev.demo.mailbox import Mailbox
from deploy.dev.demo.redis import RedisServer
from deploy.dev.lab import Lab
from tests.fakes.certificates import any_authority
from writeback.cli.main import main
from writeback.config import Config, load
from writeback.envelope.keyring import SigningKey
from writeback.envelope.pairing import write_portal_enrolment
from writeback.sign_of_life import SignOfLife

EXAMPLE = Path("deploy/writeback.toml.example")


class WorkerFiles:
    """Its services lead nowhere: nothing but the doctor and `revoke` connects to them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.toml = folder / "writeback.toml"
        self.text = EXAMPLE.read_text()
        self.replace("sqlite:////var/lib/keyback/state.db", f"sqlite:///{folder}/state.db")
        self.replace("/var/lib/keyback/keys", f"{folder}/keys")
        self.replace("/run/keyback", f"{folder}/run")
        self.replace("/var/log/keyback/", "")
        self.replace("/etc/keyback/", "")
        self.replace('username = "keyback"\npassword_file = "mail.secret"\n', "")
        self.replace('security = "starttls"', 'security = "none"')
        self.replace('"mail.corp.example"', '"127.0.0.1"')
        self.replace("port = 587", "port = 1")
        (folder / "ca.pem").write_bytes(any_authority())
        (folder / "redis.pem").write_bytes(any_authority())
        self.secret("redis", "redis-hush")
        self.secret("directory", "directory-hush")

    def replace(self, old: str, new: str) -> None:
        assert old in self.text, f"the example no longer holds {old}"
        self.text = self.text.replace(old, new)
        self.toml.write_text(self.text)
        self.toml.chmod(0o600)

    def pair(self) -> None:
        """Make the keys of a site that is paired with a portal; it takes a second."""
        portal = SigningKey.generate()
        text = write_portal_enrolment(portal)
        assert self.run("setup", "--portal", text, "--fingerprint", portal.public.fingerprint) == 0

    def connect(self, lab: Lab, redis_server: RedisServer, mailbox: Mailbox) -> None:
        """Name real services in the settings."""
        self.connect_directory(lab)
        self.connect_redis(redis_server)
        self.connect_mail(mailbox)

    def connect_redis(self, redis_server: RedisServer) -> None:
        """Name this Redis, with the account of w1."""
        self.replace("rediss://redis.corp.example:6379/0", redis_server.url)
        self.replace('ca_file = "redis.pem"\nusername', f'ca_file = "{redis_server.ca_file}"\nusername')
        self.secret("redis", redis_server.workers["w1"].password)

    def connect_mail(self, mailbox: Mailbox) -> None:
        """Name this relay."""
        self.replace("port = 1\n", f"port = {mailbox.port}\n")

    def seem_to_run(self) -> None:
        """Leave what a worker leaves that runs in this process."""
        self.config().site.run.mkdir(parents=True, exist_ok=True)
        SignOfLife(self.config().site.run, self.config().ceiling_hash).note_beats(lambda _: None)(
            b"a heartbeat"
        )

    def connect_directory(self, lab: Lab) -> None:
        """Name the lab in the settings, with groups that it has."""
        self.replace('["dc1.corp.example", "dc2.corp.example"]', f'["{lab.host}@{lab.address}:{lab.port}"]')
        self.replace('ca_file = "ca.pem"\nbind', f'ca_file = "{lab.ca_file}"\nbind')
        self.replace("CN=svc-keyback,OU=Services,DC=corp,DC=example", lab.service_dn)
        self.secret("directory", lab.service_password)
        self.replace("CN=DnsAdmins,CN=Users,", "CN=Domain Guests,CN=Users,")
        self.replace("CN=Keyback Operators,OU=Groups,", "CN=Keyback-Admins,OU=Groups,")

    def secret(self, name: str, value: str) -> None:
        path = self.folder / f"{name}.secret"
        path.write_text(value + "\n")
        path.chmod(0o600)

    def config(self) -> Config:
        return load(self.toml)

    def run(self, *arguments: str) -> int:
        """Run `writeback` as a user would, with this configuration."""
        words = arguments[:2] if arguments[0] == "audit" else arguments[:1]
        return main([*words, "--config", str(self.toml), *arguments[len(words) :]])
