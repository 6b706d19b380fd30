"""Make the golden vectors anew: `python -m tests.envelope.make_vectors`; only for a new version.

Sealing is random, so sealed bytes are golden for opening only; everything deterministic is golden both ways.
"""

import base64
import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from tests.envelope import examples
from tests.envelope.keys import NOW, PORTAL, SITE, VECTORS, keyring
from writeback.envelope import codec
from writeback.envelope.heartbeats import sign_heartbeat
from writeback.envelope.pairing import write_portal_enrolment, write_site_enrolment
from writeback.envelope.sealing import authenticate, seal_answer, seal_job
from writeback.envelope.secret import Secret

PASSWORDS = ('Pä55wörd 😀 "; $(id)', " old ")


def sealed_jobs() -> list[dict[str, Any]]:
    """Seal one of each job, and an answer to it."""
    keys, made = keyring(), []
    for job, answer in zip(examples.JOBS, examples.ANSWERS, strict=False):
        passwords = [Secret(text) for text in PASSWORDS[: type(job).passwords]]
        sealed = seal_job(job, passwords=passwords, to=keys.recipient(), signer=PORTAL, now=NOW)
        to = authenticate(sealed.blob, PORTAL.public)
        blob = seal_answer(answer, to=to, identity=SITE, worker="w1", state=examples.STATE, now=NOW)
        made.append(
            {
                "job": sealed.blob.hex(),
                "passwords": list(PASSWORDS[: type(job).passwords]),
                "reply": sealed.reply.private_bytes_raw().hex(),
                "answer": blob.hex(),
            }
        )
    return made


def deterministic() -> dict[str, Any]:
    """Everything that has exactly one encoding."""
    recipient = keyring().recipient()
    beat = examples.heartbeat(prekey=recipient.prekey, rsa=recipient.rsa, time=NOW)
    return {
        "jobs": {type(job).__name__: codec.encode(job).hex() for job in examples.JOBS},
        "facts": {type(facts).__name__: codec.encode(facts).hex() for facts in examples.FACTS},
        "heartbeat": sign_heartbeat(beat, SITE).hex(),
        "site": write_site_enrolment(examples.enrolment(SITE.public.raw), SITE),
        "portal": write_portal_enrolment(PORTAL),
        "fingerprint": SITE.public.fingerprint,
    }


def main() -> None:
    """Write the files; the RSA key stays if it is there."""
    VECTORS.mkdir(exist_ok=True)
    for name in ("rsa-1", "rsa-2"):
        _make_rsa(VECTORS / f"{name}.b64")
    for name, content in (("sealed", sealed_jobs()), ("deterministic", deterministic())):
        text = json.dumps(content, indent=1, ensure_ascii=True)
        (VECTORS / f"{name}.json").write_text(text + "\n", encoding="ascii")


def _make_rsa(path: Path) -> None:
    if path.exists():
        return
    der = generate_private_key(public_exponent=65537, key_size=3072).private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_text(base64.encodebytes(der).decode("ascii"), encoding="ascii")


if __name__ == "__main__":
    main()
