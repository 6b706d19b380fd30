"""`python -m deploy.dev.lab up` runs the forest until Ctrl-C; `build` only fills the cache."""

import argparse
import signal
import sys
from pathlib import Path

from deploy.dev.lab import Lab, LabError, SetupError, TakenError
from deploy.dev.lab.controller import address_is_free
from deploy.dev.lab.root import REPOSITORY, root_folder
from deploy.dev.processes import hear_endings

ADDRESSES = tuple(f"127.0.30.{number}" for number in range(10, 20))


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m deploy.dev.lab", description=__doc__)
    parser.add_argument("command", choices=["up", "build"])
    parser.add_argument("--home", type=Path, default=REPOSITORY / "var" / "lab")
    parser.add_argument("--address", help="loopback address of the DC (default: the first that is free)")
    words = parser.parse_args()
    hear_endings()
    try:
        if words.command == "build":
            root_folder()
        else:
            up(Lab(words.home, words.address or free_address()))
    except (LabError, SetupError) as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def free_address() -> str:
    """Return an address that no other lab and no other program uses.

    Raises:
        SetupError: all are taken, or this user may use none.
    """
    for address in ADDRESSES:
        if address_is_free(address):
            return address
    raise TakenError(f"All addresses from {ADDRESSES[0]} to {ADDRESSES[-1]} are taken; name one: --address")


def up(lab: Lab) -> None:
    """Run the lab in the foreground until it is asked to end."""
    try:
        lab.start()
        print(f"{lab.host} answers at ldaps://{lab.address}:{lab.port}; its authority: {lab.ca_file}\n")
        print(f"{table(lab)}\n\nCtrl-C ends it.", flush=True)
        signal.pause()
    except KeyboardInterrupt:
        print("The lab ends.")
    finally:
        lab.stop()


def table(lab: Lab) -> str:
    """Return the accounts with their passwords and states, one per line."""
    rows = [(person.name, person.password, person.note) for person in lab.people.values()]
    return "\n".join(f"{name:<10}{password:<26}{note}" for name, password, note in rows)


if __name__ == "__main__":
    sys.exit(main())
