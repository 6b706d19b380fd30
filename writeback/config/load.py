"""Reads the file into values, and reports all problems at once."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from writeback.ceiling import domain_of, parse_dn
from writeback.config.connections import read_directory, read_mail, read_portal, read_redis, read_site
from writeback.config.files import open_files
from writeback.config.policy import read_ceiling
from writeback.config.reader import Section
from writeback.config.values import Config, DirectoryConfig


class ConfigError(Exception):
    """The configuration is wrong; the text has one sentence for each wrong setting."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


def load(path: Path) -> Config:
    """Read writeback.toml and the secret files that it names.

    Raises:
        ConfigError: something is wrong; the text has all problems, each with its setting.
    """
    problems = list(open_files(path)) if path.exists() else []
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError([f"{path} can't be read: {error.strerror}."]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError([*problems, f"{path} is not TOML: {error}."]) from error
    top = Section(raw, "", problems, base=path.resolve().parent)
    directories = tuple(read_directory(part) for part in top.tables("directory"))
    problems += _same_twice(directories)
    config = Config(
        site=read_site(top.table("site")),
        redis=read_redis(top.table("redis")),
        portal=read_portal(top.table("portal")),
        directories=directories,
        mail=read_mail(top.table("mail")),
        ceiling=read_ceiling(top, own_accounts=tuple(directory.bind for directory in directories)),
    )
    top.done()
    _place_names(config, problems)
    if problems:
        raise ConfigError(problems)
    return config


def _same_twice(directories: Sequence[DirectoryConfig]) -> list[str]:
    """Return a problem for each id and each domain that two directories share."""
    ids = Counter(directory.id for directory in directories)
    bases = Counter(directory.base.casefold() for directory in directories if directory.base)
    return [
        *(f'[[directory]] id: "{name}" is there {many} times.' for name, many in ids.items() if many > 1),
        *(f'[[directory]] base: "{base}" is there {many} times.' for base, many in bases.items() if many > 1),
    ]


def _place_names(config: Config, problems: list[str]) -> None:
    """Report each DN that lies in no directory: it would serve nobody, or close everything later."""
    domains = [directory.base for directory in config.directories]
    scope = config.ceiling.scope
    for key, names in (
        ("bases", scope.bases),
        ("deny_groups", scope.deny_groups),
        ("operators", scope.operators),
    ):
        problems += [
            f'[scope] {key}: "{name}" lies in no [[directory]].'
            for name in names
            if not _lies_in_one_of(name, domains)
        ]
    if len(config.directories) > 1:
        problems += [
            f"[scope] bases: none lies in {directory.base}: nobody of [[directory]] {directory.id} is served."
            for directory in config.directories
            if not any(_lies_in_one_of(base, [directory.base]) for base in scope.bases)
        ]


def _lies_in_one_of(name: str, domains: Iterable[str]) -> bool:
    try:
        return domain_of(name) in [parse_dn(domain) for domain in domains]
    except ValueError:
        return False
