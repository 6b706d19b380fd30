"""The register: attempts and factors. Proof is checked here, by the worker, and nowhere else."""

from writeback.proof.desk import Desk
from writeback.proof.register import SqlRegister

__all__ = ["Desk", "SqlRegister"]
