"""What each setting of writeback.toml means; names, types and defaults come from the code."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class About:
    """A setting's meaning, and its default where the code works that out of other settings."""

    meaning: str
    default: str = ""


def _is(meaning: str, default: str = "") -> About:
    return About(meaning=meaning, default=default)


_OPTIONAL = "none"
MEANINGS = {
    ("[site]", "name"): _is("the site: the workers that share one state and one set of keys"),
    ("[site]", "worker"): _is("this worker within the site; names its queue in Redis"),
    ("[site]", "state"): _is(
        "SQLAlchemy address of the state: SQLite on one host, PostgreSQL for several; without a password",
        "this or `state_file` must be set",
    ),
    ("[site]", "state_file"): _is(
        "the same in a file, for an address with a password", "this or `state` must be set"
    ),
    ("[site]", "keys"): _is("folder of the site's keys, mode 0700"),
    ("[site]", "run"): _is("folder in memory (tmpfs) of this worker's prekeys, which die with the machine"),
    ("[site]", "audit"): _is("file of the worker's audit; older parts lie beside it"),
    ("[redis]", "url"): _is(
        "`rediss://host:port/number`, without name, password or query; `redis://` to this machine only"
    ),
    ("[redis]", "username"): _is("the worker's own Redis account (`writeback grant` prints the accounts)"),
    ("[redis]", "password_file"): _is("its password"),
    ("[redis]", "ca_file"): _is(
        "who may have signed the certificate of Redis; if set, no other authority is trusted"
    ),
    ("[portal]", "public_key_file"): _is("the pinned portal: written by pairing, removed by `disable`"),
    ("[[directory]]", "id"): _is("the name of the directory in jobs and audits"),
    ("[[directory]]", "hosts"): _is(
        "domain controllers, best first: `name`, `name:port` or `name@address:port`; LDAPS only"
    ),
    ("[[directory]]", "base"): _is("DN of the domain, such as `DC=corp,DC=example`"),
    ("[[directory]]", "bind"): _is("DN, UPN or `DOMAIN\\name` of the service account"),
    ("[[directory]]", "password_file"): _is("its password"),
    ("[[directory]]", "ca_file"): _is("who may have signed the controllers' certificates"),
    ("[[directory]]", "policy_hints"): _is(
        "whether a reset is refused or goes on, if a controller can't check it against the history"
    ),
    ("[[directory]]", "connect_timeout"): _is("seconds for a connection to a controller"),
    ("[[directory]]", "receive_timeout"): _is("seconds for one answer of a controller"),
    ("[[directory]]", "total"): _is(
        "seconds that one job may take at the directory; a job that only reads gets half of it"
    ),
    ("[mail]", "host"): _is("the relay"),
    ("[mail]", "port"): _is("its port", "`465` with tls, `587` with starttls, else `25`"),
    ("[mail]", "security"): _is("TLS from the first byte, STARTTLS, or none (a relay on this machine only)"),
    ("[mail]", "sender"): _is("an address, or a name with an address in angle brackets"),
    ("[mail]", "username"): _is("the account at the relay, if it asks for one", _OPTIONAL),
    ("[mail]", "password_file"): _is("its password", "must be set with `username`"),
    ("[mail]", "ca_file"): _is("who may have signed the relay's certificate"),
    ("[mail]", "timeout"): _is("seconds for each step of a delivery"),
    ("[scope]", "bases"): _is("DNs; an account is served if it lies below one of them"),
    ("[scope]", "deny_groups"): _is("DNs of further groups whose members are never touched"),
    ("[scope]", "operators"): _is("DNs of the groups that run Keyback; their members are never touched"),
    ("[scope]", "deny_admincount"): _is(
        "whether to refuse accounts that are or were administrators (adminCount)"
    ),
    ("[scope]", "deny_spn"): _is("whether to refuse accounts that run services (servicePrincipalName)"),
    ("[notify]", "contact"): _is(
        "whom people ask if they didn't do what a mail says; stands in every mail; never a page of the portal"
    ),
    ("[notify]", "channels"): _is(
        "where notices go: the address in the directory (`ad:mail`), the registered ones (`factors`)"
    ),
    ("[notify]", "on_call"): _is("addresses that get a mail when the breaker opens or nobody can be served"),
    ("[notify]", "unreachable"): _is(
        "if no channel reaches a person: do the write and tell administrators, do it, or refuse it"
    ),
    ("[notify]", "administrators"): _is(
        "addresses that are told what was done to such people",
        "`on_call`, else `contact` if it is an address",
    ),
    ("[operations]", "allow"): _is("the jobs that are served; `JobStatus` and `Health` must be among them"),
    ("[limits]", "per_user"): _is("attempts of one person that reach a write"),
    ("[limits]", "global"): _is("the same for all people together; then the breaker opens"),
    ("[limits]", "jobs"): _is("jobs that one worker opens; a reset takes about seven"),
    ("[limits]", "failed_signins"): _is("wrong passwords at the whole site; then sign-in closes"),
    ("[limits]", "signins_per_user"): _is("wrong passwords of one person"),
    ("[limits]", "questions"): _is("groups and people that administrators may ask about through the portal"),
    ("[limits]", "new_factor_cooldown"): _is("how long a new factor doesn't count for a reset"),
    ("[limits.sends]", "per_destination"): _is("mailed codes to one mailbox"),
    ("[limits.sends]", "per_person"): _is("mailed codes to one person"),
    ("[limits.sends]", "per_site"): _is(
        "mailed codes of the site; the last quarter is kept for known browsers"
    ),
    ("[attempts]", "life"): _is("how long an attempt lives"),
    ("[attempts]", "idle"): _is("how long it lives without a look at any of its pages"),
    ("[attempts]", "code_life"): _is("how long a mailed code is good"),
    ("[attempts]", "resend_wait"): _is("how long until another code may be mailed"),
    ("[attempts]", "tries_per_code"): _is("wrong tries after which a mailed code is dead"),
    ("[attempts]", "wrong_before_rest"): _is(
        "wrong codes in a row, without another proof in the attempt, until an app rests"
    ),
    ("[attempts]", "first_rest"): _is(
        "how long it rests at first; each further wrong code doubles this, up to a day"
    ),
    ("[attempts]", "wrong_a_year"): _is("such tries in a year until an app counts only after another proof"),
    ("[attempts]", "wrong_per_method"): _is("wrong tries with one method after another proof in the attempt"),
    ("[attempts]", "wrong_in_a_row"): _is("such tries after which the factor must be registered anew"),
    ("[attempts]", "refused_passwords"): _is("passwords that AD may refuse until the proofs are spent"),
    ("[attempts]", "pending_factor_life"): _is("how long a new factor waits for its first code"),
    **{
        (f"[gates.{operation}]", key): _is(meaning)
        for operation in ("reset", "unlock", "register")
        for key, meaning in {
            "methods": "how many different methods must be proven",
            "families": "of how many different families (phone, mailbox, paper) they must be",
            "never_alone": "methods that don't suffice as the only one",
        }.items()
    },
}
