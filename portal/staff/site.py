"""The admin site: a local password and a local TOTP code; 15 minutes idle, 8 hours in all."""

from threading import BoundedSemaphore
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.dispatch.troubles import troubles
from portal.staff.sign_in import StaffForm
from portal.throttle.browser import name_browser
from portal.throttle.locks import has_signed_in_here
from portal.web.views import busy

SINCE = "admin_since"
LONGEST = 8 * 3600
CHECKS, CHECKS_KNOWN = BoundedSemaphore(2), BoundedSemaphore(1)
"""How many passwords are checked at the same time: Argon2 takes 100 MiB and eight threads for each.

CHECKS_KNOWN is reserved for browsers from which an account has signed in before.
"""


class KeybackAdminSite(AdminSite):
    """Works without any worker, so that an admin can find out why there is none."""

    site_header = site_title = "Keyback"
    index_title = _("Administration")

    enable_nav_sidebar = False
    """The first page links the few pages there are, and the lists of the audit need the width."""

    login_form = StaffForm
    login_template = "admin/sign_in.html"

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Register only this product's pages: django-otp has some that show and set each admin's seed."""
        named = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        ours = [model for model in named if model.__module__.startswith("portal.")]
        super().register(ours, admin_class, **options)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().index(request, {**(extra_context or {}), "troubles": troubles()})

    def has_permission(self, request: HttpRequest) -> bool:
        fresh = timezone.now().timestamp() - request.session.get(SINCE, 0) < LONGEST
        proven = getattr(request.user, "otp_device", None) is not None
        return fresh and proven and super().has_permission(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        name_browser(request)
        if request.method == "POST":
            return self._check_sign_in(request, extra_context)
        return super().login(request, extra_context)

    def _check_sign_in(self, request: HttpRequest, extra_context: dict[str, Any] | None) -> HttpResponse:
        checks = CHECKS_KNOWN if has_signed_in_here(request, request.POST.get("username", "")) else CHECKS
        if not checks.acquire(timeout=2):
            return busy(request)
        try:
            response = super().login(request, extra_context)
        finally:
            checks.release()
        form = getattr(response, "context_data", {}).get("form")
        if isinstance(form, StaffForm) and form.wait:
            response.status_code, response["Retry-After"] = 429, str(form.wait)
        if request.user.is_authenticated and response.status_code == 302:
            request.session[SINCE] = timezone.now().timestamp()
        return response
