"""The well-known addresses that browsers, password managers and crawlers ask any site for."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, get_language_bidi
from django.views.decorators.http import require_safe

from portal.web.look import grounds
from portal.web.site_map import site_map


@require_safe
def change_password(request: HttpRequest) -> HttpResponse:
    """Redirect password managers to the page of a change (W3C, "A Well-Known URL for Changing Passwords")."""
    return HttpResponseRedirect(reverse(site_map().begin["change"]), status=303)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Ask crawlers to stay away, as there is nothing to find (RFC 9309)."""
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain; charset=utf-8")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Redirect to the icon, for clients that don't read the page's own links."""
    return redirect(static("img/favicon.ico"))


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """Return the site's name and look on a phone's home screen (W3C, "Web Application Manifest")."""
    name = settings.KEYBACK_ORGANISATION or "Keyback"
    icons = [{"src": static("img/mark.svg"), "type": "image/svg+xml", "sizes": "any"}]
    for size in (192, 512):
        icon = {"src": static(f"img/icon-{size}.png"), "type": "image/png", "sizes": f"{size}x{size}"}
        icons += [icon | {"purpose": "any"}, icon | {"purpose": "maskable"}]
    home = reverse(site_map().home)
    fields = {"name": name, "start_url": home, "scope": home}
    fields |= {"display": "minimal-ui", "theme_color": grounds().light, "background_color": grounds().light}
    fields |= {"lang": get_language(), "dir": "rtl" if get_language_bidi() else "ltr"}
    return JsonResponse(fields | {"icons": icons}, content_type="application/manifest+json")
