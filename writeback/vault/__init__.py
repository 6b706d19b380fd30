"""The worker's key files: who the site is, what it opens, whom it trusts."""

from writeback.vault.files import VaultError
from writeback.vault.keys import Vault

__all__ = ["Vault", "VaultError"]
