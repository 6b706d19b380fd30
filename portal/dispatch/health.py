"""Sentences about the workers for the admin's pages, from heartbeats and Health jobs."""

import time
from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.dispatch.flows import ask
from portal.dispatch.liveness import WorkerState
from portal.dispatch.models import Site
from portal.dispatch.queries import WorkerHealth, site_health
from writeback.envelope.answers import DirectoryHealth, HealthReport, NoticeRules, Unreachable
from writeback.envelope.jobs import Health


def summary(site: Site) -> list[str]:
    """Return one sentence for each worker of a site, from the heartbeats; no worker is asked."""
    return [_describe_worker(health) for health in site_health() if health.site == site.name]


def details(site: Site) -> list[str]:
    """Ask a worker of a site how it is, and return what it says, one sentence each."""
    return list(_ask_site(site))


def _describe_worker(health: WorkerHealth) -> str:
    if health.known is None:
        return _("%(worker)s: no heartbeat has come from it.") % {"worker": health.worker}
    beat = health.known.beat
    if health.state is WorkerState.DOWN:
        # Its last heartbeat values of directories and couriers, but that may have changed since.
        gone = {"worker": health.worker, "seconds": max(0, int(time.time() - beat.time))}
        return _("%(worker)s: down, last heard %(seconds)d s ago.") % gone
    values = {
        "worker": health.worker,
        "state": health.state.value,
        "seconds": max(0, int(time.time() - beat.time)),
        "version": beat.version,
        "directories": ", ".join(f"{each.directory} {each.state.value}" for each in beat.directories),
        "couriers": ", ".join(f"{each.courier} {_name_state(up=each.up)}" for each in beat.couriers),
        "oldest": beat.oldest_job,
        # The worker's doctor shows the same digits: workers whose digits differ have different policies.
        "ceiling": beat.ceiling_hash.hex()[:16],
    }
    return (
        _(
            "%(worker)s: %(state)s, heard %(seconds)d s ago, version %(version)s; directories: "
            "%(directories)s; couriers: %(couriers)s; oldest job %(oldest)d s; ceiling %(ceiling)s"
        )
        % values
    )


def _ask_site(site: Site) -> Iterator[str]:
    answer = ask(Health(site=site.name)).answer
    report = answer.facts if answer else None
    if not isinstance(report, HealthReport):
        yield _("%(site)s: no worker answers.") % {"site": site.name}
        return
    yield from (_describe_probe(found) for found in report.directories if found.directory in site.directories)
    yield ngettext(
        "%(count)d message waits to be sent", "%(count)d messages wait to be sent", report.outbox
    ) % {"count": report.outbox}
    for gate in report.gates:
        values = {
            "operation": gate.operation.value,
            "methods": gate.methods_needed,
            "families": gate.families_needed,
        }
        yield (
            _("Ceiling for %(operation)s: methods at least %(methods)d, families at least %(families)d")
            % values
        )
    yield _describe_notices(report.notices)
    yield _("Allowed: %(jobs)s") % {"jobs": ", ".join(report.allowed)}


def _describe_notices(rules: NoticeRules) -> str:
    match rules.unreachable:
        case Unreachable.REFUSE:
            return _("Nothing is done for people without a mail address.")
        case Unreachable.TELL_ADMINISTRATORS if rules.administrators:
            said = ngettext(
                "If something is done for people without a mail address, %(count)d administrator is told.",
                "If something is done for people without a mail address, %(count)d administrators are told.",
                rules.administrators,
            )
            return said % {"count": rules.administrators}
        case _:
            return _("If something is done for people without a mail address, nobody is told.")


def _describe_probe(found: DirectoryHealth) -> str:
    values = {
        "directory": found.directory,
        "state": found.state.value,
        "dc": found.dc,
        "latency": found.latency_ms,
        "days": found.certificate_days,
        "hints": _("yes") if found.policy_hints else _("no"),
        "detail": found.detail,
    }
    return (
        _(
            "%(directory)s: %(state)s on %(dc)s in %(latency)d ms, certificate for %(days)d days, "
            "enforces the history on resets: %(hints)s. %(detail)s"
        )
        % values
    ).strip()


def _name_state(*, up: bool) -> str:
    return _("up") if up else _("down")
