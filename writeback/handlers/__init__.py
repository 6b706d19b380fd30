"""The handlers of all jobs, one file for each; the portal can ask for nothing else."""

from collections.abc import Callable, Mapping
from typing import TypeVar, cast

from writeback.envelope import jobs
from writeback.envelope.answers import Answer
from writeback.envelope.jobs import Job
from writeback.handlers import (
    anchor_audit,
    begin,
    change_password,
    check_factor,
    check_groups,
    confirm_factor,
    enrol_factor,
    explain_person,
    health,
    job_status,
    list_factors,
    read_policy,
    remove_factor,
    reset_password,
    sign_in,
    start_factor,
    unlock_account,
)
from writeback.handlers.resolving import resolve_intents
from writeback.ports import Handler, Request, Site

__all__ = ["HANDLERS", "resolve_intents"]

J = TypeVar("J", bound=Job)


def _for(kind: type[J], handle: Callable[[Request[J], Site], Answer]) -> tuple[type[Job], Handler]:
    """Pair a handler with the only kind of job that it may get."""

    def check_and_handle(request: Request[Job], site: Site) -> Answer:
        if not isinstance(request.job, kind):
            raise TypeError(f"This handler is for {kind.__name__}.")
        return handle(cast("Request[J]", request), site)

    return kind, check_and_handle


HANDLERS: Mapping[type[Job], Handler] = dict(
    (
        _for(jobs.Begin, begin.handle),
        _for(jobs.SignIn, sign_in.handle),
        _for(jobs.ListFactors, list_factors.handle),
        _for(jobs.EnrolFactor, enrol_factor.handle),
        _for(jobs.ConfirmFactor, confirm_factor.handle),
        _for(jobs.RemoveFactor, remove_factor.handle),
        _for(jobs.StartFactor, start_factor.handle),
        _for(jobs.CheckFactor, check_factor.handle),
        _for(jobs.ReadPolicy, read_policy.handle),
        _for(jobs.ResetPassword, reset_password.handle),
        _for(jobs.ChangePassword, change_password.handle),
        _for(jobs.UnlockAccount, unlock_account.handle),
        _for(jobs.JobStatus, job_status.handle),
        _for(jobs.Health, health.handle),
        _for(jobs.AnchorAudit, anchor_audit.handle),
        _for(jobs.CheckGroups, check_groups.handle),
        _for(jobs.ExplainPerson, explain_person.handle),
    )
)
