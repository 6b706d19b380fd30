"""The register: attempts and factors. Proof is checked here, by the worker, and nowhere else."""

from writeback.proof.context import RegisterContext
from writeback.proof.register import SqlRegister

__all__ = ["RegisterContext", "SqlRegister"]
