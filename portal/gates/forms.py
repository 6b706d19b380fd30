"""The forms for choosing a way and for trying as a person, and the policy's form."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from portal.dispatch.outcomes import sentence
from portal.gates.models import Offer, Policy
from portal.gates.rules import is_dn, is_looser
from portal.methods.registry import METHODS
from portal.web.forms import NameField, PlainForm
from portal.web.typed import ModelForm
from writeback.envelope.answers import Answer, HealthReport
from writeback.envelope.jobs import Operation


class ProveForm(PlainForm):
    """The choice of one of the offers."""

    offer = forms.ChoiceField(
        label=_("How do you want to prove it?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of these."), "invalid_choice": _("Choose one of these.")},
    )

    def __init__(self, *args: Any, offers: Sequence[Offer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offers = {offer.handle: offer for offer in offers}
        field = self.fields["offer"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(handle, offer.kind) for handle, offer in self.offers.items()]

    @classmethod
    def with_refusal(cls, offers: Sequence[Offer], sentence: str) -> "ProveForm":
        """Return an empty form that shows a refusal.

        Args:
            offers: the ways that can be chosen.
            sentence: why the last choice was refused; empty if none was.
        """
        form = cls({} if sentence else None, offers=offers)
        if sentence:
            form.errors.pop("offer")
            form.add_error("offer", ValidationError(sentence, code="refused"))
        return form

    def chosen_offer(self) -> Offer:
        """Return the chosen offer; the form must be valid."""
        return self.offers[self.cleaned_data["offer"]]

    def refuse(self, answer: Answer | None) -> None:
        """Show the worker's refusal at the field."""
        self.add_error("offer", ValidationError(sentence(answer)))


# Bytes of all groups together: one sealed job of 4,096 bytes holds them and a name of up to 1,024 bytes.
LONGEST_GROUPS = 2200


class TryForm(PlainForm):
    """The name of the person for whom an administrator tries the policy."""

    name = NameField()


class PolicyForm(ModelForm[Policy]):
    """The policy; what the worker's ceiling forbids can't be saved.

    Attributes:
        ceiling: the ceiling that a worker has just told; None if none answers.
        wrong: what is wrong with the groups in the form, or why no worker has looked at them.
    """

    ceiling: HealthReport | None = None
    wrong: Sequence[str] = ()

    methods = forms.MultipleChoiceField(
        label=_("Methods that may prove who somebody is"),
        choices=[(kind.value, method.title) for kind, method in METHODS.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    anyway = forms.BooleanField(
        label=_("Save these groups all the same"),
        required=False,
        help_text=_("Only where a group lets nobody in yet, or no worker could look at it."),
    )

    class Meta:
        model = Policy
        fields = ["reset_scope", "groups", "methods", "reset_gates", "unlock_on", "unlock_gates"]
        labels = {
            "reset_gates": _("Proofs before a reset"),
            "unlock_gates": _("Proofs before an unlock"),
        }
        help_texts = {
            "groups": _(
                "For members of selected groups only. Distinguished names, one a line; nested members count."
            ),
            "reset_gates": _("With how many different methods a person must prove who they are."),
            "unlock_gates": _("The same, but for an unlock without a new password."),
        }

    def clean_groups(self) -> str:
        groups: str = self.cleaned_data["groups"]
        for line in groups.splitlines():
            if line.strip() and not is_dn(line.strip()):
                said = _(
                    "“%(line)s” is not a distinguished name such as CN=Staff,OU=Groups,DC=corp,DC=example."
                )
                raise ValidationError(said, params={"line": line.strip()[:100]})
        return groups

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        groups = cleaned.get("groups", "")
        selected = cleaned.get("reset_scope") == Policy.Scope.SELECTED
        if selected and not groups.strip() and not self.has_error("groups"):
            self.add_error("groups", ValidationError(_("Name at least one group, or choose another scope.")))
        if len(groups.encode("utf-8", "replace")) > LONGEST_GROUPS:
            said = _(
                "These are too many groups to ask about at once. Name one group that has them as members."
            )
            self.add_error("groups", ValidationError(said))
        if not cleaned.get("anyway"):
            self._refuse_groups()
        for operation, field in ((Operation.RESET, "reset_gates"), (Operation.UNLOCK, "unlock_gates")):
            self._check_gates(operation, field, cleaned.get(field), len(cleaned.get("methods", [])))
        if cleaned.get("unlock_on") and self.ceiling and "UnlockAccount" not in self.ceiling.allowed:
            self.add_error("unlock_on", ValidationError(_("The worker's ceiling doesn't allow unlocking.")))
        return cleaned

    def _refuse_groups(self) -> None:
        for said in self.wrong:
            self.add_error("groups", ValidationError(said))
        if self.wrong:
            hint = _("Correct them, or tick “Save these groups all the same”.")
            self.add_error("groups", ValidationError(hint))

    def _check_gates(self, operation: Operation, field: str, gates: int | None, methods: int) -> None:
        if gates is None:
            return
        if gates > methods:
            self.add_error(field, ValidationError(_("There are fewer methods than that.")))
        before = int(getattr(self.instance, field))
        if gates < before and self.ceiling is None:
            said = _(
                "No worker answers, so we can't tell whether fewer gates are allowed. Try again in a minute."
            )
            self.add_error(field, ValidationError(said))
        least = {each.operation: each.methods_needed for each in self.ceiling.gates} if self.ceiling else {}
        if is_looser(least, operation, gates):
            said = _("The worker's ceiling asks for at least %(least)d.")
            self.add_error(field, ValidationError(said, params={"least": least[operation]}))
