"""The doctor's check of CA files: when their certificates expire, and whether the roots are in them."""

import time
from collections.abc import Iterator
from pathlib import Path

from writeback.config import Config
from writeback.envelope.authority_files import WrongFile, read_authorities
from writeback.envelope.expiry import check_expiry
from writeback.envelope.findings import Finding, failure, ok, warning

BUNDLE = 20
"""More authorities than this are a bundle of public ones, some of which always expire soon."""


def checks(config: Config) -> Iterator[Finding]:
    """Yield the findings for each file, once."""
    named = [
        *((f"[[directory]] {one.id}", one.ca_file) for one in config.directories),
        ("[redis]", config.redis.ca_file),
        ("[mail]", config.mail.ca_file),
    ]
    for path in dict.fromkeys(path for _, path in named if path):
        sections = ", ".join(section for section, of in named if of == path)
        yield from _file(path, f"{sections} ca_file")


def _file(path: Path, setting: str) -> Iterator[Finding]:
    found = read_authorities(path)
    if isinstance(found, WrongFile):
        yield failure("authorities.file", f"{setting}: {found.says}", found.mend)
        return
    if len(found.certificates) > BUNDLE:
        yield ok("authorities.end", f"{setting}: {len(found.certificates)} authorities")
        return
    for name, end in found.list_ends():
        whose = f"{setting}: the certificate of the authority {name}"
        yield check_expiry("authorities.end", whose, end - time.time(), f"add the new one to {path}")
    for issuing, root in found.without_root:
        yield warning(
            "authorities.root",
            f"{setting}: {path} holds the issuing authority {issuing} without its root {root}; it is "
            "trusted, but no other issuer of that root is",
            f"export the root {root} as PEM, and append it to {path}",
        )
