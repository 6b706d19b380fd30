"""The sign-in form for local staff: name, password and code at once, with one sentence for any error."""

from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.staff.flows import record_refused_code, record_throttled_sign_in
from portal.staff.models import AdminDevice
from portal.throttle.locks import Place, Try, begin_try, complete_try
from portal.web.waits import say_wait

WRONG = _("The user name, the password or the code isn't right. After a wrong code, wait a few seconds.")


class StaffForm(AdminAuthenticationForm):
    """Checks the code here in the portal, so that it works without any worker."""

    error_messages = {"invalid_login": WRONG, "inactive": WRONG}

    otp_token = forms.CharField(label=_("Code from your authenticator app"), max_length=10)

    wait = 0
    """Seconds until the next try, if this one was not checked."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("User name")
        self.fields["otp_token"].widget.attrs.update(autocomplete="one-time-code", inputmode="numeric")

    def clean(self) -> dict[str, Any]:
        """Count a failure in advance, check all three, and take it back if they are right."""
        name = str(self.cleaned_data.get("username", ""))
        if self.request is None or not (name and self.cleaned_data.get("password")):
            return self.cleaned_data
        made = begin_try(self.request, name)
        if made.wait:
            self.wait = made.wait
            record_throttled_sign_in(self.request, name=name, why="account" if made.locked else "network")
            raise ValidationError(_explain_wait(made), code="throttled")
        cleaned = super().clean() or {}
        self._check_code(self.request, made, str(cleaned.get("otp_token", "")))
        complete_try(self.request, made)
        return cleaned

    def _check_code(self, request: HttpRequest, made: Try, token: str) -> None:
        user = self.get_user()
        device, throttled = _find_device(user.pk, token, known=made.place is Place.BROWSER)
        if throttled:
            record_throttled_sign_in(request, name=user.get_username(), why="code")
        if device is None:
            record_refused_code(request, user=user)
            raise ValidationError(WRONG, code="invalid_login")
        user.otp_device = device  # django-otp's signal reads it when the sign-in is done


def _explain_wait(made: Try) -> str:
    if made.locked and made.place is Place.BROWSER:
        said = gettext("There were too many wrong sign-ins from this browser.")
    elif made.locked:
        said = gettext(
            "There were too many wrong sign-ins for this user name. A browser in which this name has "
            "signed in before doesn't have to wait."
        )
    else:
        said = gettext("There were too many wrong sign-ins from your network, or from everywhere.")
    return f"{said} {say_wait(made.wait)}"


def _find_device(user: int, token: str, *, known: bool) -> tuple[AdminDevice | None, bool]:
    """Return the device whose code it is, and whether its codes are not checked for now.

    A wrong code slows the next one down (django-otp: 1, 2, 4 … seconds). Whoever knows the password could so
    keep the owner out; a browser from which the owner has signed in before waits only for its own lock.
    """
    with transaction.atomic():
        device = AdminDevice.objects.select_for_update().filter(user_id=user, confirmed=True).first()
        if device is None:
            return None, False
        if known:
            device.throttle_reset(commit=False)
        allowed, _why = device.verify_is_allowed()
        return (device if device.verify_token("".join(token.split())) else None), not allowed
