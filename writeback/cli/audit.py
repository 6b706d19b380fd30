"""`writeback audit verify`, `show` and `reanchor`."""

import argparse
import json
import sys
from collections import deque
from contextlib import closing
from datetime import datetime
from pathlib import Path

from writeback.assembly import open_state, open_vault
from writeback.audit import BadLineError, Checkpoint, Line, lines, verify
from writeback.cli.common import (
    CommandError,
    Commands,
    add_command,
    moment,
    open_audit,
    read_config,
    read_config_as_worker,
)
from writeback.clock import SystemClock
from writeback.envelope.errors import EnvelopeError
from writeback.envelope.keyring import CHECKPOINT_LABEL, VerifyKey
from writeback.envelope.references import references_like
from writeback.state import SqlAnchors


def add(commands: Commands) -> None:
    """Add the commands."""
    group = commands.add_parser("audit", help="Read and check what this worker did.")
    verbs = group.add_subparsers(title="commands", required=True, metavar="COMMAND")
    add_command(verbs, "verify", "Check that no event in the audit was changed or removed.").set_defaults(
        perform=check
    )
    add_command(
        verbs, "reanchor", "Accept the portal's audit as it is now, after its database was restored."
    ).set_defaults(perform=reanchor)
    parser = add_command(verbs, "show", "Print events, the oldest first.")
    parser.add_argument(
        "--reference", help="only events with this reference, such as ABCD-EFGH; in any spelling"
    )
    parser.add_argument("--event", help="only events of this name, such as mail.refused")
    parser.add_argument(
        "--since", metavar="TIME", help="only events since then, such as 2026-11-20T08:00 (UTC)"
    )
    parser.add_argument("--until", metavar="TIME", help="only events before then")
    parser.add_argument("--last", type=int, default=0, metavar="N", help="only the last N")
    parser.add_argument("--json", action="store_true", help="one JSON object for each event")
    parser.set_defaults(perform=show)


def check(args: argparse.Namespace) -> int:
    """Verify the chain and its checkpoints; return 1 if it is broken."""
    config = read_config(args)
    identity = open_vault(config).identity().public
    verdict = verify(config.site.audit, is_signed=lambda point: _is_signed(point, identity))
    if verdict.problem:
        print(f"BROKEN after {verdict.lines} good lines: {verdict.problem}")
        return 1
    print(f"All {verdict.lines} lines follow each other. The last has the hash {verdict.last}.")
    return 0


def reanchor(args: argparse.Namespace) -> int:
    """Forget the newest head of the portal's audit; this worker's own audit keeps what it saw."""
    config = read_config_as_worker(args)
    with closing(open_state(config, open_vault(config))) as state:
        known = SqlAnchors(state, SystemClock()).forget()
    if known is None:
        print("This site has not seen the portal's audit yet: there is nothing to forget.")
        return 0
    digest = known.head.hash.hex()
    open_audit(config).record("portal.audit-forgotten", reference="", number=known.head.number, hash=digest)
    print(f"Forgotten: event {known.head.number} with the hash {digest}.")
    print("The portal's next `manage.py tick` sends the current end of its audit, and this site keeps it.")
    return 0


def show(args: argparse.Namespace) -> int:
    """Print the requested events; stop at the first damaged line."""
    config = read_config(args)
    since = moment(args.since) if args.since else None
    until = moment(args.until) if args.until else None
    references = _references(args.reference)
    wanted: deque[Line] = deque(maxlen=args.last if args.last > 0 else None)
    try:
        references |= _find_joined(config.site.audit, references)
        for line in lines(config.site.audit):
            if references and line.reference not in references:
                continue
            if args.event and line.event != args.event:
                continue
            if not _lies_between(line, since, until):
                continue
            wanted.append(line)
    except BadLineError as error:
        raise CommandError(f"{error} Run: writeback audit verify") from None
    if not wanted:
        print("No event matches.", file=sys.stderr)
        return 1
    for line in wanted:
        print(_as_json(line) if args.json else _as_text(line))
    return 0


def _references(typed: str | None) -> set[str]:
    """Return the references to look for; empty for all.

    Raises:
        CommandError: the typed text can't be a reference.
    """
    found = set(references_like(typed)) if typed else set()
    if typed and not found:
        raise CommandError(
            f'"{typed}" is not a reference; write eight letters and digits, such as ABCD-EFGH.'
        )
    return found


def _find_joined(audit: Path, references: set[str]) -> set[str]:
    """Return the references of the same attempts: of the attempt itself, and of the job that opened it."""
    found = set[str]()
    for line in lines(audit) if references else ():
        pair = {line.reference, str(line.facts.get("asked_as", line.reference))}
        if len(pair) == 2 and pair & references:
            found |= pair
    return found


def _lies_between(line: Line, since: float | None, until: float | None) -> bool:
    at = datetime.fromisoformat(line.time).timestamp()
    return (since is None or at >= since) and (until is None or at < until)


def _is_signed(point: Checkpoint, identity: VerifyKey) -> bool:
    try:
        identity.verify(CHECKPOINT_LABEL, point.signature, point.body())
    except EnvelopeError:
        return False
    return True


def _as_text(line: Line) -> str:
    facts = " ".join(f"{name}={json.dumps(value, ensure_ascii=True)}" for name, value in line.facts.items())
    return f"{line.time}  {line.reference or '-':9}  {line.event}  {facts}".rstrip()


def _as_json(line: Line) -> str:
    return json.dumps(
        {
            "seq": line.seq,
            "time": line.time,
            "event": line.event,
            "reference": line.reference,
            "facts": dict(line.facts),
        }
    )
