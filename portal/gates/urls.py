"""Addresses of the "prove it" pages."""

from django.urls import path

from portal.gates import views

urlpatterns = [
    path("prove/", views.prove, name="prove"),
    path("code/", views.code, name="code"),
    path("resend/", views.resend, name="resend"),
    path("another/", views.another, name="another"),
]
