"""Addresses for setting up mail."""

from django.urls import path

from portal.methods.email import views

urlpatterns = [
    path("", views.add, name="add-email"),
    path("<hex:factor_id>/", views.confirm_address, name="confirm-email"),
    path("<hex:factor_id>/again/", views.resend, name="confirm-email-again"),
]
