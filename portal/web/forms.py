"""Fields and a form that answer any bad input with a sentence."""

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from writeback.envelope.addresses import LONGEST, AddressFault, UnusableAddress, check_address
from writeback.envelope.names import LONGEST_NAME, has_forbidden_characters, trim
from writeback.envelope.passwords import MOST_UNITS
from writeback.envelope.secret import Secret
from writeback.envelope.typed_codes import LONGEST_TYPED

INVISIBLE = _("There is an invisible character in it: type it by hand.")
TORN = _("A character of it didn't arrive whole. Type it by hand.")


def is_torn(text: str) -> bool:
    """Tell whether a text was damaged on its way: U+FFFD stands for bytes that were not UTF-8."""
    return "\N{REPLACEMENT CHARACTER}" in text or any(unicodedata.category(each) == "Cs" for each in text)


class PlainForm(forms.Form):
    """A form that refuses a field that was sent twice."""

    use_required_attribute = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if isinstance(self.data, QueryDict):
            for name in self.fields:
                if len(self.data.getlist(name)) > 1:
                    self.add_error(
                        name, ValidationError(_("Give one answer here, not several."), code="repeated")
                    )
        return cleaned


class NameField(forms.CharField):
    """A user name, a mail address or a name with its domain, as typed."""

    def __init__(self) -> None:
        super().__init__(
            label=_("User name"),
            max_length=LONGEST_NAME,
            error_messages={
                "required": _("Type your user name."),
                "max_length": _(
                    "A user name has at most %(limit_value)d characters. This one has %(show_value)d."
                ),
                "null_characters_not_allowed": INVISIBLE,
            },
        )

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}

    def clean(self, value: Any) -> str:
        name = str(super().clean(trim(value) if isinstance(value, str) else value))
        if has_forbidden_characters(name):
            raise ValidationError(TORN if is_torn(name) else INVISIBLE, code="control")
        return name


class PasswordField(forms.CharField):
    """A password, exactly as typed: nothing is cut off, trimmed or normalised."""

    widget = forms.PasswordInput

    def __init__(self, *, label: Any, autocomplete: str, required: Any) -> None:
        self.autocomplete = autocomplete
        super().__init__(
            label=label,
            strip=False,
            error_messages={
                "required": required,
                "null_characters_not_allowed": _(
                    "There is an invisible character in this password. Type another one."
                ),
            },
        )

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"autocomplete": self.autocomplete, "autocapitalize": "none", "spellcheck": "false"}

    def clean(self, value: Any) -> Secret:
        text = str(super().clean(value))
        if is_torn(text):
            raise ValidationError(
                _("A character of this password didn't arrive whole. Type another one."), code="torn"
            )
        units = len(text.encode("utf-16-le")) // 2
        if units > MOST_UNITS:
            sentence = _("Use at most %(most)d characters. This one has %(units)d (an emoji counts as two).")
            raise ValidationError(sentence, code="too-long", params={"most": MOST_UNITS, "units": units})
        return Secret(text)


NOT_AN_ADDRESS = {
    AddressFault.SHAPE: _("Type a mail address like name@example.com."),
    AddressFault.LOCAL: _(
        "Codes can't be sent to an address with letters such as ä or é before the @. Type another address."
    ),
    AddressFault.DOMAIN: _("What stands after the @ can't be a mail domain. Check it for a typing mistake."),
    AddressFault.LENGTH: _("A mail address has at most 254 characters, 64 of them before the @."),
}


class AddressField(forms.CharField):
    """A mail address as typed; portal and worker accept the same addresses."""

    # Not type=email: browsers rewrite what is typed there, for example straße.example to strasse.example.
    widget = forms.TextInput

    def __init__(self) -> None:
        super().__init__(
            label=_("Mail address"),
            required=False,
            max_length=LONGEST,
            error_messages={
                "max_length": NOT_AN_ADDRESS[AddressFault.LENGTH],
                "null_characters_not_allowed": INVISIBLE,
            },
        )

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attributes = {"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false"}
        return super().widget_attrs(widget) | attributes | {"inputmode": "email"}

    def clean(self, value: Any) -> str:
        address = str(super().clean(value))
        if has_forbidden_characters(trim(address)):
            raise ValidationError(TORN if is_torn(address) else INVISIBLE, code="control")
        try:
            if address:
                check_address(address)
        except UnusableAddress as error:
            raise ValidationError(NOT_AN_ADDRESS[error.fault], code=error.fault.value) from None
        return address


class CodeField(forms.CharField):
    """A code as typed; its method says what it must look like."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Code"),
            max_length=LONGEST_TYPED,
            error_messages={
                "required": _("Type the code."),
                "max_length": _("That is too long for a code."),
                "null_characters_not_allowed": INVISIBLE,
            },
        )

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
