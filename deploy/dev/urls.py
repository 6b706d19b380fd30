"""The portal's own addresses, and the styleguide."""

from django.urls import include, path

urlpatterns = [path("styleguide/", include("portal.web.styleguide")), path("", include("portal.urls"))]
