"""The doctor's check of the mail relay: it answers, encrypts and accepts the sign-in."""

import time
from collections.abc import Iterator

from writeback.config import Config
from writeback.couriers.mail import MailCourier
from writeback.envelope.expiry import check_expiry
from writeback.envelope.findings import Finding, failure, ok
from writeback.ports import CourierAway

_HOW = {"tls": "TLS", "starttls": "STARTTLS", "none": "on this machine, without TLS"}


def checks(config: Config) -> Iterator[Finding]:
    """Yield the findings; send nothing."""
    where = f"mail relay {config.mail.host}:{config.mail.port}"
    try:
        end = MailCourier(config.mail).probe()
    except (CourierAway, OSError) as error:
        yield failure("mail.relay", f"{where}: {error}", "correct [mail], or open the firewall to the relay")
    else:
        yield ok("mail.relay", f"{where} answers ({_HOW[config.mail.security]})")
        if end is not None:
            left = end - time.time()
            yield check_expiry(
                "mail.certificate", f"the certificate of the {where}", left, "renew it on the relay"
            )
