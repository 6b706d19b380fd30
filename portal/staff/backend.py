"""Sign-in to the admin with a password that Django checks: for local accounts only."""

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

from portal.people.models import Account


class LocalBackend(ModelBackend):
    """Django's own backend, closed to people of a directory whatever their row contains."""

    def user_can_authenticate(self, user: AbstractBaseUser | AnonymousUser | None) -> bool:
        return isinstance(user, Account) and user.is_local and super().user_can_authenticate(user)
