"""What an administrator may ask through the portal: what a policy's groups are, and what a person would get.

Nothing here tells who has registered. A captured portal can ask too, so these questions are counted at the
worker, written into its audit, and can be switched off there.
"""

from dataclasses import dataclass
from enum import StrEnum

from writeback.envelope.facts import Facts
from writeback.envelope.jobs import Operation
from writeback.envelope.outcomes import Outcome


class GroupKind(StrEnum):
    """What a DN of a policy names."""

    SECURITY = "security"
    FOR_MAIL = "for-mail"  # a distribution group, which is in nobody's token and so matches nobody
    MISSING = "missing"
    UNREADABLE = "unreadable"


class PersonVerdict(StrEnum):
    """What a name comes to; the first is somebody who is served."""

    SERVED = "served"
    NOT_SELECTED = "not-selected"  # in none of the policy's groups
    UNKNOWN = "unknown-name"
    AMBIGUOUS = "ambiguous"
    UNREADABLE = "unreadable"
    OUT_OF_SCOPE = "out-of-scope"
    PROTECTED = "protected-account"


@dataclass(frozen=True, kw_only=True)
class GroupFacts(Facts):
    """One group of a policy.

    Args:
        kind: what its DN names.
        members: people in it, nested ones too; None where they could not be counted.
        more: True if there are more than that.
    """

    kind: GroupKind
    members: int | None
    more: bool


@dataclass(frozen=True, kw_only=True)
class GroupsChecked(Facts):
    """Answer to CheckGroups: one for each group that was asked for, in that order."""

    groups: tuple[GroupFacts, ...]


@dataclass(frozen=True, kw_only=True)
class PersonExplained(Facts):
    """Answer to ExplainPerson.

    Args:
        verdict: whether the person is served.
        operations: what the account, as it is now, could be used for; empty where the
            verdict is neither SERVED nor NOT_SELECTED.
        because: why not for all of them; None if for all.
        groups: places (from 0) of the policy's groups that the person is in.
        missing: places of those that match nobody, as they don't exist or are no security groups.
    """

    verdict: PersonVerdict
    operations: tuple[Operation, ...]
    because: Outcome | None
    groups: tuple[int, ...]
    missing: tuple[int, ...]
