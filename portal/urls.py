"""The site map."""

from django.contrib import admin
from django.urls import include, path, register_converter

from portal.web import files
from portal.web.converters import Hex, PublicId

register_converter(Hex, "hex")
register_converter(PublicId, "public")

urlpatterns = [
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path(".well-known/change-password", files.change_password),
    path("robots.txt", files.robots),
    path("favicon.ico", files.favicon),
    path("manifest.webmanifest", files.manifest, name="manifest"),
    path("", include("portal.selfservice.urls")),
]

handler400 = "portal.web.views.bad_request"
handler403 = "portal.web.views.forbidden"
handler404 = "portal.web.views.not_found"
handler500 = "portal.web.views.server_error"
