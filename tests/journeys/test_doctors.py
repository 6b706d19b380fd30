"""Both doctors, asked on a running product as its admin asks them."""

import json
import os
import subprocess
from typing import Any

from deploy.demo.product import Product
from deploy.lab.root import REPOSITORY


def findings(*command: str) -> dict[str, str]:
    """Return the checks that a doctor is not content with, and what it says of each."""
    of_a_shell = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME"}}
    argv = [*command, "--json"]
    ran = subprocess.run(argv, cwd=REPOSITORY, env=of_a_shell, check=False, capture_output=True, text=True)
    told: dict[str, Any] = json.loads(ran.stdout)
    assert ran.returncode == ["ok", "warning", "failure"].index(told["level"]), ran.stderr
    return {one["check"]: one["says"] for one in told["findings"] if one["level"] != "ok"}


def test_the_portals_names_what_only_a_demo_may_do_and_each_once(product: Product) -> None:
    found = findings(str(product.home / "keyback-manage"), "doctor")
    assert found.keys() == {"settings.insecure-http", "settings.floor-ms", "tick.done"}
