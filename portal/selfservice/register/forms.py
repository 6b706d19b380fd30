"""The form for renaming a way."""

import unicodedata

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from portal.web.forms import INVISIBLE, PlainForm


class LabelForm(PlainForm):
    """A name for a way; only its owner sees it."""

    label = forms.CharField(
        label=_("Name"),
        max_length=64,
        error_messages={
            "required": _("Type a name."),
            "max_length": _("Use at most %(limit_value)d characters. This one has %(show_value)d."),
            "null_characters_not_allowed": INVISIBLE,
        },
    )

    def clean_label(self) -> str:
        label: str = self.cleaned_data["label"]
        if any(unicodedata.category(character) in {"Cc", "Cs", "Cf"} for character in label):
            raise ValidationError(INVISIBLE, code="control")
        return label
