"""The admin's pages: the policy, within the bounds of the worker's ceiling, and a list of attempts."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KT
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from portal.audit.flows import account_name, record
from portal.audit.models import Event
from portal.audit.words import OutcomeFilter, neutralize
from portal.gates.asking import GroupReport, check_groups, try_person
from portal.gates.flows import read_ceiling
from portal.gates.forms import LONGEST_GROUPS, PolicyForm, TryForm
from portal.gates.models import Attempt, Policy
from portal.gates.rules import is_dn
from portal.methods.registry import METHODS
from portal.people.models import Account
from portal.web.local_times import to_second
from portal.web.typed import ModelAdmin, ReadOnly
from writeback.envelope.methods import MethodKind
from writeback.envelope.references import references_like

DETAILS = ["operation", "site", "person", "shown_state", "neutral_outcome", "repeated", "proven"]
TIMES = ["start_time", "send_time", "end_time", "latest_end"]


@admin.register(Policy)
class PolicyAdmin(ModelAdmin[Policy]):
    """The one policy: its list leads straight to its page."""

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
        before, _created = Policy.objects.get_or_create(pk=1)
        may = object_id is not None and self.has_change_permission(request, before)
        saves = (
            request.method == "POST"
            and may
            and self.get_object(request, unquote(object_id or "")) is not None
        )
        # A worker is asked here, before Django opens a transaction, and not for a form that Django refuses.
        request.META["keyback.ceiling"] = read_ceiling() if saves else None
        fresh = _find_groups_to_check(request, before) if saves else []
        request.META["keyback.groups"] = check_groups(fresh) if fresh else GroupReport()
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(
        self, request: HttpRequest, obj: Policy | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        report: GroupReport = request.META.get("keyback.groups", GroupReport())
        known = {"ceiling": request.META.get("keyback.ceiling"), "wrong": report.wrong}
        bounded: Any = type("BoundedPolicyForm", (form,), known)
        if not report.wrong:  # then nobody needs the tick "Save these groups all the same"
            bounded.base_fields = {
                name: field for name, field in form.base_fields.items() if name != "anyway"
            }
        return bounded

    def save_model(self, request: HttpRequest, obj: Policy, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        who = request.user.name if isinstance(request.user, Account) else ""
        record("policy.changed", account=who, fields=", ".join(form.changed_data))
        report: GroupReport = request.META["keyback.groups"]
        for said in report.right:
            messages.info(request, said)
        for said in report.wrong:
            messages.warning(request, said)

    def get_urls(self) -> list[URLPattern]:
        own = path("try/", self.admin_site.admin_view(self.try_view), name="gates_policy_try")
        return [own, *super().get_urls()]

    def try_view(self, request: HttpRequest) -> HttpResponse:
        """Show what a person would get; the name is posted, so that it appears in no address."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = TryForm(request.POST if request.method == "POST" else None)
        who = request.user.name if isinstance(request.user, Account) else ""
        sentences = try_person(form.cleaned_data["name"], by=who) if form.is_valid() else []
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "form": form,
            "sentences": sentences,
        }
        context |= {"title": _("Try as a person"), "name": form.cleaned_data["name"] if sentences else ""}
        return render(request, "admin/gates/policy/try.html", context)


def _find_groups_to_check(request: HttpRequest, before: Policy) -> list[str]:
    """Return the groups to ask a worker about: those in the form, unless they are saved already."""
    sent = request.POST.get("groups", "")
    wanted = list(dict.fromkeys(line.strip() for line in sent.splitlines() if line.strip()))
    if request.POST.get("reset_scope") != Policy.Scope.SELECTED or not all(map(is_dn, wanted)):
        return []
    saved = before.reset_scope == Policy.Scope.SELECTED and list(dict.fromkeys(before.group_list())) == wanted
    return [] if saved or len(sent.encode("utf-8", "replace")) > LONGEST_GROUPS else wanted


@admin.register(Attempt)
class AttemptAdmin(ReadOnly, ModelAdmin[Attempt]):
    """Shows attempts; changes none."""

    list_display = [
        "reference",
        "operation",
        "site",
        "person",
        "shown_state",
        "neutral_outcome",
        "proven",
        "start_time",
    ]
    list_filter = ["operation", "state", ("outcome", OutcomeFilter), "site", "started"]
    ordering = ["-started"]
    search_fields = ["reference"]
    search_help_text = _("A reference, or the account of somebody who has proven who they are.")
    fields = readonly_fields = ("reference", *DETAILS, *TIMES)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attempt]:
        # Only the attempt's events name a person, and only one who has proven who they are.
        events = Event.objects.filter(reference=OuterRef("reference"), facts__has_key="account")
        name = Subquery(events.order_by("-number").values(name=KT("facts__account"))[:1])
        return super().get_queryset(request).prefetch_related("offers").annotate(who=name)

    @admin.display(description=_("account"), ordering="who")
    def person(self, attempt: Attempt) -> str:
        return getattr(attempt, "who", None) or ""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Attempt], search_term: str
    ) -> tuple[QuerySet[Attempt], bool]:
        if not search_term:
            return queryset, False
        who = Q(who__iexact=search_term.strip()) | Q(who=account_name(search_term))
        found = who | Q(reference__in=references_like(search_term))
        return queryset.filter(found), False

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, attempt: Attempt) -> str:
        """Return the state; an open attempt whose time has run out, or that was ended, is over."""
        is_over = attempt.state == Attempt.State.OPEN and attempt.is_expired()
        return str(_("over")) if is_over else attempt.get_state_display()

    @admin.display(description=_("outcome"), ordering="outcome")
    def neutral_outcome(self, attempt: Attempt) -> str:
        return neutralize(attempt.outcome)

    @admin.display(description=_("proven"))
    def proven(self, attempt: Attempt) -> str:
        titles = {
            str(METHODS[MethodKind(offer.kind)].title) for offer in attempt.offers.all() if offer.proven
        }
        return ", ".join(sorted(titles))

    @admin.display(description=_("begun"), ordering="started")
    def start_time(self, attempt: Attempt) -> str:
        return to_second(attempt.started)

    @admin.display(description=_("sent to the worker"))
    def send_time(self, attempt: Attempt) -> str:
        return to_second(attempt.sent)

    @admin.display(description=_("ended"), ordering="finished")
    def end_time(self, attempt: Attempt) -> str:
        return to_second(attempt.finished)

    @admin.display(description=_("ends at the latest"))
    def latest_end(self, attempt: Attempt) -> str:
        return to_second(attempt.expires)
