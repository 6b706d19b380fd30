"""Addresses of the pages for proving who you are."""

from django.urls import path

from portal.gates import views

urlpatterns = [
    path("prove/", views.prove, name="prove"),
    path("code/", views.code, name="code"),
    path("resend/", views.resend, name="resend"),
    path("another/", views.another, name="another"),
]
