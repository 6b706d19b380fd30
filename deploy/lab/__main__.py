"""`python -m deploy.lab up` runs the forest until Ctrl-C; `build` only fills the cache."""

import argparse
import signal
import sys
from pathlib import Path

from deploy.lab import Lab, LabError, SetupError
from deploy.lab.root import REPOSITORY, root_folder


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m deploy.lab", description=__doc__)
    parser.add_argument("command", choices=["up", "build"])
    parser.add_argument("--home", type=Path, default=REPOSITORY / "var" / "lab")
    parser.add_argument("--address", default="127.0.30.10")
    words = parser.parse_args()
    try:
        if words.command == "build":
            root_folder()
        else:
            up(Lab(words.home, words.address))
    except (LabError, SetupError) as trouble:
        print(trouble, file=sys.stderr)
        return 1
    return 0


def up(lab: Lab) -> None:
    """Run the lab in the foreground until it is asked to end."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
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
