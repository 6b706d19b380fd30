"""One person's registered methods, as far as the portal knows them."""

from typing import Any, ClassVar, NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device

from portal.people.models import Account


class FactorManager(models.Manager["Factor"]):
    """Factors are no devices that Django could check a code of."""

    def devices_for_user(self, user: Any, confirmed: bool | None = None) -> models.QuerySet["Factor"]:
        """Return none, so that no sign-in form offers them (django-otp asks every kind of device)."""
        return self.none()


class Factor(Device):  # type: ignore[misc]  # django-otp has no types
    """A factor's id and label. Its secret, and whether it is good, are the worker's to know."""

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
        """Refuse: django-otp would hold a row lock while the worker is asked."""
        raise NotImplementedError("Codes are checked by the worker, outside any transaction.")
