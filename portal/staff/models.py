"""The authenticator app of a local admin."""

from django_otp.plugins.otp_totp.models import TOTPDevice

from portal.staff.sealing import open_seed


class AdminDevice(TOTPDevice):  # type: ignore[misc]  # django-otp has no types
    """django-otp's own table and checks; `key` holds the sealed seed, in hex."""

    class Meta:
        proxy = True

    @property
    def bin_key(self) -> bytes:
        """The seed."""
        return open_seed(self.key)
