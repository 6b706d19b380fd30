"""What browsers, password managers and crawlers ask of any site, at the addresses that they know."""

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
    """Lead a password manager to the change (W3C, "A Well-Known URL for Changing Passwords")."""
    return HttpResponseRedirect(reverse(site_map().begin["change"]), status=303)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Keep crawlers away: there is nothing here to be found (RFC 9309)."""
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain; charset=utf-8")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Lead to the icon those who don't read the page's own links."""
    return redirect(static("img/favicon.ico"))


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """Say how the site is called and looks on a phone's home screen (W3C, "Web Application Manifest")."""
    name = settings.KEYBACK_ORGANISATION or "Keyback"
    icons = [{"src": static("img/mark.svg"), "type": "image/svg+xml", "sizes": "any"}]
    for size in (192, 512):
        icon = {"src": static(f"img/icon-{size}.png"), "type": "image/png", "sizes": f"{size}x{size}"}
        icons += [icon | {"purpose": "any"}, icon | {"purpose": "maskable"}]
    home = reverse(site_map().home)
    told = {"name": name, "start_url": home, "scope": home}
    told |= {"display": "minimal-ui", "theme_color": grounds().light, "background_color": grounds().light}
    told |= {"lang": get_language(), "dir": "rtl" if get_language_bidi() else "ltr"}
    return JsonResponse(told | {"icons": icons}, content_type="application/manifest+json")
