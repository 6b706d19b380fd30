"""The admin's pages about paired sites and jobs; pairing itself is done with `manage.py pair`."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.audit.words import OutcomeFilter, neutralize
from portal.dispatch.flows import save_switch
from portal.dispatch.health import details, summary
from portal.dispatch.models import JobRecord, Site
from portal.dispatch.queries import find_conflicting_site
from portal.dispatch.troubles import troubles
from portal.web.local_times import to_second
from portal.web.typed import ModelAdmin, ModelForm, ReadOnly
from writeback.envelope.references import references_like

PINNED = ["name", "fingerprint", "serves", "may_answer", "redis", "paired_at"]


def lines(sentences: Iterable[str]) -> SafeString:
    return format_html_join("", "<p>{}</p>", ((sentence,) for sentence in sentences))


class SiteForm(ModelForm[Site]):
    """Refuses to switch on a site that would close the portal, and says why."""

    def clean_enabled(self) -> bool:
        enabled: bool = self.cleaned_data["enabled"]
        other = find_conflicting_site(self.instance) if enabled else ""
        if other:
            raise ValidationError(
                _(
                    "The site %(other)s is switched on already. This version serves one site: people of a "
                    "second one would be looked up in the first. Switch %(other)s off first."
                ),
                params={"other": other},
            )
        return enabled


@admin.register(Site)
class SiteAdmin(ModelAdmin[Site]):
    """Shows a site and switches it on or off; only pairing again changes its key."""

    form = SiteForm
    list_display = ["name", "alarms", "workers_now", "enabled", "fingerprint"]
    readonly_fields = [*PINNED, "workers_now", "alarms", "health", "seen_audit"]

    def get_fields(self, request: HttpRequest, obj: Site | None = None) -> Any:
        # Only a GET asks a worker: for a POST, Django holds a transaction open.
        health = ["health"] if request.method == "GET" else []
        return ["enabled", *PINNED, "alarms", "workers_now", "seen_audit", *health]

    def has_delete_permission(self, request: HttpRequest, obj: Site | None = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description=_("directories"))
    def serves(self, site: Site) -> str:
        return ", ".join(site.directories)

    @admin.display(description=_("paired workers"))
    def may_answer(self, site: Site) -> str:
        return ", ".join(site.workers)

    @admin.display(description=_("workers now"))
    def workers_now(self, site: Site) -> SafeString:
        return lines(summary(site))

    @admin.display(description=_("alarms"))
    def alarms(self, site: Site) -> str:
        found = troubles(site.name) if site.enabled else []
        return render_to_string("admin/troubles.html", {"troubles": found}) if found else gettext("none")

    @admin.display(description=_("audit"))
    def seen_audit(self, site: Site) -> str:
        if site.anchored_at is None:
            return gettext("The site has not seen yet where the portal's audit ends.")
        values = {"number": site.anchored, "at": to_second(site.anchored_at)}
        return gettext("seen up to event %(number)d on %(at)s") % values

    @admin.display(description=_("health"))
    def health(self, site: Site) -> SafeString:
        return lines(details(site))

    def save_model(self, request: HttpRequest, obj: Site, form: object, change: bool) -> None:
        save_switch(obj, by=request.user.get_username())


@admin.register(JobRecord)
class JobRecordAdmin(ReadOnly, ModelAdmin[JobRecord]):
    """Shows jobs; changes none."""

    list_display = ["reference", "op", "site", "neutral_outcome", "send_time", "settle_time"]
    fields = readonly_fields = (
        "jti",
        "reference",
        "op",
        "site",
        "neutral_outcome",
        "send_time",
        "settle_time",
    )
    list_filter = ["op", ("outcome", OutcomeFilter)]
    search_fields = ["reference"]
    search_help_text = _("A reference.")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[JobRecord], search_term: str
    ) -> tuple[QuerySet[JobRecord], bool]:
        found = queryset.filter(reference__in=references_like(search_term)) if search_term else queryset
        return found, False

    @admin.display(description=_("outcome"), ordering="outcome")
    def neutral_outcome(self, job: JobRecord) -> str:
        return neutralize(job.outcome)

    @admin.display(description=_("sent"), ordering="sent_at")
    def send_time(self, job: JobRecord) -> str:
        return to_second(job.sent_at)

    @admin.display(description=_("settled"), ordering="settled_at")
    def settle_time(self, job: JobRecord) -> str:
        return to_second(job.settled_at)
