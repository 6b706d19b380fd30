"""A real Active Directory on loopback: a Samba AD DC for tests, the demo and the bench."""

from deploy.lab.cast import Person
from deploy.lab.controller import TakenError
from deploy.lab.lab import Lab
from deploy.lab.namespace import LabError
from deploy.processes import SetupError

__all__ = ["Lab", "LabError", "Person", "SetupError", "TakenError"]
