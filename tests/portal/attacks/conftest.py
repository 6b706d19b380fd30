"""Alice, who is registered."""

from tests.portal.selfservice.conftest import alice, seed

__all__ = ["alice", "seed"]
