"""The mirror of people's registered methods, without their secrets."""

from typing import Any, ClassVar, NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device

from portal.people.models import Account


class FactorManager(models.Manager["Factor"]):
    """Hides factors from django-otp, since Django can't check their codes."""

    def devices_for_user(self, user: Any, confirmed: bool | None = None) -> models.QuerySet["Factor"]:
        """Return no factor: django-otp asks every kind of device, and would offer it in sign-in forms."""
        return self.none()


class Factor(Device):  # type: ignore[misc]  # django-otp has no types
    """A factor's id and label; only the worker knows its secret and can check its codes."""

    user = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    factor_id = models.CharField(max_length=32, unique=True)
    kind = models.CharField(_("kind"), max_length=20)
    hint = models.CharField(_("where to"), max_length=256, blank=True)
    created = models.DateTimeField(_("made"), auto_now_add=True)

    objects: ClassVar[FactorManager] = FactorManager()

    class Meta:
        verbose_name = _("factor")
        verbose_name_plural = _("factors")

    def __str__(self) -> str:
        return f"{self.kind} {self.factor_id[:8]}"

    def verify_token(self, token: Any) -> NoReturn:
        """Refuse to check a code here: django-otp would hold a row lock while the worker is asked."""
        raise NotImplementedError("Codes are checked by the worker, outside any transaction.")
