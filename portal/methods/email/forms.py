"""The form for the address to which codes are sent."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from portal.dispatch.outcomes import sentence
from portal.web.forms import AddressField, PlainForm
from writeback.envelope.answers import Answer
from writeback.envelope.secret import Secret

OWN, OTHER = "own", "other"


class AddressForm(PlainForm):
    """The choice of the address in the directory, if there is one, or another address."""

    source = forms.ChoiceField(
        label=_("Where should codes go?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one."), "invalid_choice": _("Choose one of the two.")},
    )
    address = AddressField()

    def __init__(self, *args: Any, own_mail: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        source = self.fields["source"]
        if own_mail and isinstance(source, forms.ChoiceField):
            source.choices = [(OWN, own_mail), (OTHER, _("Another address"))]
        else:
            del self.fields["source"]

    def clean(self) -> dict[str, Any]:
        """Take a typed address as the choice of "another address", even if nobody ticked that.

        If nothing is chosen and nothing typed, there is one complaint: choose one.
        """
        cleaned = super().clean()
        if self.data.get("address") and not self.data.get("source"):
            cleaned["source"] = OTHER
            self.errors.pop("source", None)
        wants_one = cleaned.get("source") != OWN and not self.has_error("source")
        if wants_one and not cleaned.get("address") and not self.has_error("address"):
            self.add_error("address", ValidationError(_("Type a mail address."), code="required"))
        return cleaned

    def destination(self) -> Secret | None:
        """Return the typed address, or None for the one in the directory."""
        return None if self.cleaned_data.get("source") == OWN else Secret(self.cleaned_data["address"])

    def refuse(self, answer: Answer | None) -> None:
        """Show the worker's refusal at the field."""
        self.add_error("address", ValidationError(sentence(answer)))
