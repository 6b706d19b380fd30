"""The worker's settings: writeback.toml and the secret files that it names; wrong settings stop the start."""

from writeback.config.load import ConfigError, load
from writeback.config.values import (
    Config,
    DirectoryConfig,
    MailConfig,
    PortalConfig,
    RedisConfig,
    SiteConfig,
)

__all__ = [
    "Config",
    "ConfigError",
    "DirectoryConfig",
    "MailConfig",
    "PortalConfig",
    "RedisConfig",
    "SiteConfig",
    "load",
]
