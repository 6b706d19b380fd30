"""The policy, bounded by the worker's ceiling, and the attempts, to look at."""

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KT
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.audit.flows import record
from portal.audit.models import Event
from portal.audit.words import ToldFilter, neutral
from portal.gates.flows import read_ceiling
from portal.gates.forms import PolicyForm
from portal.gates.models import Attempt, Policy
from portal.methods.registry import METHODS
from portal.people.models import Account
from portal.web.instants import exact
from portal.web.typed import LooksOnly, ModelAdmin
from writeback.envelope.jobs import Method as Kind
from writeback.envelope.references import references_like

DETAILS = ["operation", "directory", "whose", "state", "told", "repeated", "proven"]
TIMES = ["began", "left", "ended", "ends"]


@admin.register(Policy)
class PolicyAdmin(ModelAdmin[Policy]):
    """One row; its page opens at once."""

    form = PolicyForm

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Policy | None = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:gates_policy_change", args=[1]))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        Policy.objects.get_or_create(pk=1)
        # Asked here, because Django holds a transaction open from here on.
        ceiling = read_ceiling() if request.method == "POST" else None
        request.META["keyback.ceiling"] = ceiling
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(
        self, request: HttpRequest, obj: Policy | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type("BoundedPolicyForm", (form,), {"ceiling": request.META.get("keyback.ceiling")})

    def save_model(self, request: HttpRequest, obj: Policy, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        who = request.user.name if isinstance(request.user, Account) else ""
        record("policy.changed", account=who, fields=", ".join(form.changed_data))


@admin.register(Attempt)
class AttemptAdmin(LooksOnly, ModelAdmin[Attempt]):
    """Looks only."""

    list_display = [
        "reference",
        "operation",
        "directory",
        "whose",
        "state",
        "told",
        "proven",
        "began",
    ]
    list_filter = ["operation", "state", ("outcome", ToldFilter), "directory", "started"]
    ordering = ["-started"]
    search_fields = ["reference"]
    search_help_text = _("A reference, or the account of somebody who has proved who they are.")
    fields = readonly_fields = ("reference", *DETAILS, *TIMES)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attempt]:
        # Whoever has proved who they are is named by the attempt's events, and by nothing else here.
        told = Event.objects.filter(reference=OuterRef("reference"), facts__has_key="account")
        name = Subquery(told.values(name=KT("facts__account"))[:1])
        return super().get_queryset(request).prefetch_related("offers").annotate(who=name)

    @admin.display(description=_("account"), ordering="who")
    def whose(self, attempt: Attempt) -> str:
        return getattr(attempt, "who", None) or ""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Attempt], search_term: str
    ) -> tuple[QuerySet[Attempt], bool]:
        if not search_term:
            return queryset, False
        found = Q(reference__in=references_like(search_term)) | Q(who__iexact=search_term.strip())
        return queryset.filter(found), False

    @admin.display(description=_("outcome"), ordering="outcome")
    def told(self, attempt: Attempt) -> str:
        return neutral(attempt.outcome)

    @admin.display(description=_("proven"))
    def proven(self, attempt: Attempt) -> str:
        titles = {str(METHODS[Kind(offer.kind)].title) for offer in attempt.offers.all() if offer.proven}
        return ", ".join(sorted(titles))

    @admin.display(description=_("begun"), ordering="started")
    def began(self, attempt: Attempt) -> str:
        return exact(attempt.started)

    @admin.display(description=_("sent to the worker"))
    def left(self, attempt: Attempt) -> str:
        return exact(attempt.sent)

    @admin.display(description=_("ended"), ordering="finished")
    def ended(self, attempt: Attempt) -> str:
        return exact(attempt.finished)

    @admin.display(description=_("ends at the latest"))
    def ends(self, attempt: Attempt) -> str:
        return exact(attempt.expires)
