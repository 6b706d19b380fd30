"""CheckGroups: tell what the groups of a policy are, before an administrator saves it."""

from writeback.envelope.answers import Answer, Outcome, Wait
from writeback.envelope.jobs import CheckGroups
from writeback.envelope.questions import GroupFacts, GroupKind, GroupsChecked
from writeback.handlers.common import record_answer, record_groups
from writeback.ports import Directory, DirectoryAway, DistributionGroup, Request, Site, Unreadable

MOST_MEMBERS = 500
"""How far the people of one group are counted."""
_MISSING = GroupFacts(kind=GroupKind.MISSING, members=None, more=False)


def handle(request: Request[CheckGroups], site: Site) -> Answer:
    """Count each group as a question, and look it up."""
    job = request.job
    wait = site.register.take_questions(len(job.groups))
    if wait:
        refused = Answer(outcome=Outcome.LIMIT_REACHED, facts=Wait(seconds=wait))
        return record_answer(site, "groups.checked", request, refused, groups=len(job.groups))
    record_groups(site, request.jti, job.groups)
    found = tuple(_look(site, dn) for dn in job.groups)
    answer = Answer(outcome=Outcome.DONE, facts=GroupsChecked(groups=found))
    wrong = sum(one.kind is not GroupKind.SECURITY for one in found)
    return record_answer(site, "groups.checked", request, answer, groups=len(found), wrong=wrong)


def _look(site: Site, dn: str) -> GroupFacts:
    """Return the facts about a group from the first directory that has it.

    Raises:
        DirectoryAway: no directory has it, and one can't be asked, so it is not known whether it is there.
    """
    away: DirectoryAway | None = None
    for one in site.directories.values():
        try:
            one.group_sids([dn])
        except DistributionGroup:
            return GroupFacts(kind=GroupKind.FOR_MAIL, members=None, more=False)
        except LookupError:
            continue
        except Unreadable:
            return GroupFacts(kind=GroupKind.UNREADABLE, members=None, more=False)
        except DirectoryAway as error:
            away = error
            continue
        return _count(one, dn)
    if away:
        raise away
    return _MISSING


def _count(directory: Directory, dn: str) -> GroupFacts:
    try:
        members = directory.count_members(dn, most=MOST_MEMBERS)
    except DirectoryAway:  # too many to count in time
        return GroupFacts(kind=GroupKind.SECURITY, members=None, more=True)
    more = members > MOST_MEMBERS
    return GroupFacts(kind=GroupKind.SECURITY, members=min(members, MOST_MEMBERS), more=more)
