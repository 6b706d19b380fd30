"""The read-only list of events, searchable by reference or by the typed name."""

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from portal.audit.flows import account_name, pseudonym
from portal.audit.models import Event
from portal.web.local_times import to_second
from portal.web.typed import ModelAdmin, ReadOnly
from writeback.envelope.references import references_like


@admin.register(Event)
class EventAdmin(ReadOnly, ModelAdmin[Event]):
    """Shows events; changes none."""

    list_display = ["number", "when", "event", "reference", "fact_lines"]
    list_filter = ["event", "at"]
    search_fields = ["reference"]
    search_help_text = _("A reference, or a user name as it was typed.")
    fields = readonly_fields = ("number", "when", "event", "reference", "fact_lines", "previous", "hash")
    show_full_result_count = False
    actions = None

    @admin.display(description=_("facts"))
    def fact_lines(self, event: Event) -> SafeString:
        return format_html_join(SafeString("<br>"), "{}: {}", sorted(event.facts.items()))

    @admin.display(description=_("when"), ordering="at")
    def when(self, event: Event) -> str:
        return to_second(event.at)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Event], search_term: str
    ) -> tuple[QuerySet[Event], bool]:
        if not search_term:
            return queryset, False
        by_name = Q(facts__name=pseudonym(search_term)) | Q(
            facts__account__in=[search_term, account_name(search_term)]
        )
        return queryset.filter(Q(reference__in=references_like(search_term)) | by_name), False
