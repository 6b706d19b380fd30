"""Addresses of the styleguide."""

from django.urls import path

from portal.styleguide import views

urlpatterns = [
    path("", views.styleguide, name="styleguide"),
    path("<slug:name>/", views.page, name="styleguide-page"),
]
