"""A real Active Directory on loopback: a Samba AD DC for tests, the demo and the bench."""

from deploy.dev.lab.cast import Person
from deploy.dev.lab.controller import TakenError
from deploy.dev.lab.lab import Lab
from deploy.dev.lab.namespace import LabError
from deploy.dev.processes import SetupError

__all__ = ["Lab", "LabError", "Person", "SetupError", "TakenError"]
