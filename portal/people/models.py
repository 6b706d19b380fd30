"""One table for everybody: people of the directories and local admins."""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class AccountManager(BaseUserManager["Account"]):
    """Makes accounts; people of a directory never get a password here."""

    def create_local(self, username: str, password: str) -> "Account":
        """Make a local superuser, who can sign in to the admin without any worker."""
        account = Account(username=username, name=username, is_staff=True, is_superuser=True)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser, PermissionsMixin):
    """One account, identified by directory and objectGUID, which never change as names do.

    Local admins have neither, but a password of their own.
    """

    username = models.CharField(_("identifier"), max_length=150, unique=True)
    directory = models.CharField(_("directory"), max_length=64, blank=True)
    guid = models.CharField(_("objectGUID"), max_length=32, blank=True)
    name = models.CharField(_("account name"), max_length=256, blank=True)
    display_name = models.CharField(_("name"), max_length=256, blank=True)
    is_staff = models.BooleanField(_("staff"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    created = models.DateTimeField(_("first seen"), auto_now_add=True)
    signed_out = models.DateTimeField(_("sign-ins until then are over"), null=True, blank=True)

    objects: ClassVar[AccountManager] = AccountManager()
    otp_device: models.Model | None  # no column: django-otp sets it on a signed-in user

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["directory", "guid"], condition=~Q(guid=""), name="account_anchor"
            ),
            models.CheckConstraint(
                condition=Q(directory="", guid="") | (~Q(directory="") & ~Q(guid="")),
                name="account_local_or_anchored",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or self.name or self.username

    @property
    def is_local(self) -> bool:
        return not self.guid
