"""The worker's key files: the site's identity, the keys that open jobs, the portal that it trusts."""

from writeback.vault.files import VaultError
from writeback.vault.keys import Vault

__all__ = ["Vault", "VaultError"]
