"""The portal's own addresses, and the styleguide."""

from django.urls import include, path

urlpatterns = [path("styleguide/", include("portal.styleguide.urls")), path("", include("portal.urls"))]
