"""The form by which local staff sign in: name, password and code at once, one sentence for what is wrong."""

from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from portal.web.devices import AdminDevice
from portal.web.signals import code_refused

WRONG = _("The user name, the password or the code isn't right. After a wrong code, wait a few seconds.")


class StaffForm(AdminAuthenticationForm):
    """The code is checked here, in the portal: this door works without any worker."""

    error_messages = {"invalid_login": WRONG, "inactive": WRONG}

    otp_token = forms.CharField(label=_("Code from your authenticator app"), max_length=10)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("User name")
        self.fields["otp_token"].widget.attrs.update(autocomplete="one-time-code", inputmode="numeric")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        user = self.get_user()
        if user is not None:
            device = _device_for(user.pk, str(cleaned.get("otp_token", "")))
            if device is None:
                code_refused.send(sender=StaffForm, request=self.request, user=user)
                raise ValidationError(WRONG, code="invalid_login")
            user.otp_device = device  # django-otp's signal takes it from here when the sign-in is done
        return cleaned


def _device_for(user: int, token: str) -> AdminDevice | None:
    """Return the device that the code is right for; a wrong one slows the next try down."""
    with transaction.atomic():
        device = AdminDevice.objects.select_for_update().filter(user_id=user, confirmed=True).first()
        return device if device and device.verify_token("".join(token.split())) else None
