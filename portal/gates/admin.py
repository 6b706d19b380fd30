"""The policy, bounded by the worker's ceiling, and the attempts, to look at."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.audit.flows import record
from portal.gates.flows import read_ceiling
from portal.gates.forms import PolicyForm
from portal.gates.models import Attempt, Policy
from portal.people.models import Account
from portal.web.typed import LooksOnly, ModelAdmin

DETAILS = ["operation", "directory", "state", "outcome", "started", "sent", "finished", "expires"]


@admin.register(Policy)
class PolicyAdmin(ModelAdmin[Policy]):
    """One row; its page opens at once."""

    form = PolicyForm

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Policy | None = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        Policy.objects.get_or_create(pk=1)
        return HttpResponseRedirect(reverse("admin:gates_policy_change", args=[1]))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
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

    list_display = ["reference", "operation", "state", "outcome", "started"]
    list_filter = ["operation", "state"]
    search_fields = ["reference"]
    search_help_text = _("A reference.")
    readonly_fields = ["reference", *DETAILS]
    fields = ("reference", *DETAILS)
