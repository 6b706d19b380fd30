"""The portal's doctor, run on a running product as its admin runs it."""

import json
import os
import subprocess
from typing import Any

from deploy.dev.demo.pairing import manage
from deploy.dev.demo.product import Product


def findings(product: Product, **stray: str) -> list[str]:
    """Return the checks of all findings of the portal's doctor that are not ok."""
    of_a_shell = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME"}}
    argv = [str(product.home / "keyback-manage"), "doctor", "--json"]
    ran = subprocess.run(argv, env=of_a_shell | stray, check=False, capture_output=True, text=True)
    told: dict[str, Any] = json.loads(ran.stdout)
    assert ran.returncode == ["ok", "warning", "failure"].index(told["level"]), ran.stderr
    return [one["check"] for one in told["findings"] if one["level"] != "ok"]


def test_each_doctor_reports_missing_tls_once_and_ignores_the_shells_settings(product: Product) -> None:
    manage(product.environment, "tick")
    expected = ["settings.floor-ms", "settings.insecure-http"]
    assert sorted(findings(product, DATABASE_URL="postgres://nobody@192.0.2.1/nothing")) == expected
