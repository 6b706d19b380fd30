"""`writeback audit verify` and `show`."""

import argparse
import json
from collections import deque

from writeback.audit import BadLineError, Checkpoint, Line, lines, verify
from writeback.cli.common import CommandError, Commands, add_command, open_vault, read_config
from writeback.envelope.errors import EnvelopeError
from writeback.envelope.keyring import CHECKPOINT_LABEL, VerifyKey


def add(commands: Commands) -> None:
    """Add the commands."""
    group = commands.add_parser("audit", help="Read and check what this worker did.")
    verbs = group.add_subparsers(title="commands", required=True, metavar="COMMAND")
    add_command(verbs, "verify", "Check that nothing in the audit was changed or removed.").set_defaults(
        perform=check
    )
    parser = add_command(verbs, "show", "Print events, the oldest first.")
    parser.add_argument("--reference", help="only those of this reference, such as ABCD-EFGH")
    parser.add_argument("--event", help="only those of this name, such as mail.refused")
    parser.add_argument("--last", type=int, default=0, metavar="N", help="only the last N")
    parser.add_argument("--json", action="store_true", help="one JSON object for each event")
    parser.set_defaults(perform=show)


def check(args: argparse.Namespace) -> int:
    """Follow the chain and its checkpoints; 1 if it is broken."""
    config = read_config(args)
    identity = open_vault(config).identity().public
    verdict = verify(config.site.audit, is_signed=lambda point: _is_signed(point, identity))
    if verdict.problem:
        print(f"BROKEN after {verdict.lines} good lines: {verdict.problem}")
        return 1
    print(f"All {verdict.lines} lines follow each other. The last has the hash {verdict.last}.")
    return 0


def show(args: argparse.Namespace) -> int:
    """Print what was asked for; stops at the first line that is not as it was written."""
    config = read_config(args)
    wanted: deque[Line] = deque(maxlen=args.last if args.last > 0 else None)
    try:
        for line in lines(config.site.audit):
            if args.reference and line.reference != args.reference.strip().upper():
                continue
            if args.event and line.event != args.event:
                continue
            wanted.append(line)
    except BadLineError as error:
        raise CommandError(f"{error} Run: writeback audit verify") from None
    for line in wanted:
        print(_as_json(line) if args.json else _as_text(line))
    return 0


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
