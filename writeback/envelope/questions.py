"""Answers to administrators' questions through the portal: about a policy's groups, and about a person.

No answer reveals who has registered. A captured portal can ask too, so the worker counts these questions,
writes them into its audit, and can be told to refuse them.
"""

from dataclasses import dataclass
from enum import StrEnum

from writeback.envelope.facts import Facts
from writeback.envelope.jobs import Operation
from writeback.envelope.outcomes import Outcome


class GroupKind(StrEnum):
    """The kind of group that a DN of a policy names."""

    SECURITY = "security"
    FOR_MAIL = "for-mail"  # a distribution group, which is in nobody's token and so matches nobody
    MISSING = "missing"
    UNREADABLE = "unreadable"


class PersonVerdict(StrEnum):
    """Whether the person of a name is served, or why not."""

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
        kind: the kind of group that the DN names.
        members: how many people are in it, nested groups included; None if they could not be counted.
        more: True if there are more people than `members`.
    """

    kind: GroupKind
    members: int | None
    more: bool


@dataclass(frozen=True, kw_only=True)
class GroupsChecked(Facts):
    """Answer to CheckGroups: the facts about each group, in the order of the question."""

    groups: tuple[GroupFacts, ...]


@dataclass(frozen=True, kw_only=True)
class PersonExplained(Facts):
    """Answer to ExplainPerson.

    Args:
        verdict: whether the person is served, or why not.
        operations: the operations that the account's present state allows; empty unless the verdict is
            SERVED or NOT_SELECTED.
        because: why other operations are not allowed; None if all are.
        groups: positions (from 0) of the policy's groups that the person is in.
        missing: positions of the groups that match nobody, since they don't exist or aren't security groups.
    """

    verdict: PersonVerdict
    operations: tuple[Operation, ...]
    because: Outcome | None
    groups: tuple[int, ...]
    missing: tuple[int, ...]
