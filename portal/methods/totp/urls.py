"""Addresses for setting up an authenticator app."""

from django.urls import path

from portal.methods.totp import views

urlpatterns = [
    path("", views.add, name="add-totp"),
    path("confirm/", views.confirm_app, name="confirm-totp"),
]
