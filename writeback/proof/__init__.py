"""The register of attempts and factors. Only this package, in the worker, checks proofs."""

from writeback.proof.context import RegisterContext
from writeback.proof.register import SqlRegister

__all__ = ["RegisterContext", "SqlRegister"]
