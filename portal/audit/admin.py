"""The list of events, read-only, found by reference or by the name that was typed."""

import json

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.audit.flows import pseudonym
from portal.audit.models import Event
from portal.web.typed import LooksOnly, ModelAdmin


@admin.register(Event)
class EventAdmin(LooksOnly, ModelAdmin[Event]):
    """Looks, never touches."""

    list_display = ["number", "at", "event", "reference", "said"]
    list_filter = ["event", "at"]
    search_fields = ["reference"]
    search_help_text = _("A reference, or a user name as it was typed.")
    readonly_fields = ["number", "at", "event", "reference", "said", "previous", "hash"]
    show_full_result_count = False
    actions = None

    @admin.display(description=_("facts"))
    def said(self, event: Event) -> str:
        return json.dumps(event.facts, ensure_ascii=False, sort_keys=True)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Event], search_term: str
    ) -> tuple[QuerySet[Event], bool]:
        if not search_term:
            return queryset, False
        by_name = Q(facts__name=pseudonym(search_term)) | Q(facts__account=search_term)
        return queryset.filter(Q(reference__iexact=search_term.strip()) | by_name), False
