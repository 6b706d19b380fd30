"""Addresses of /register/."""

from django.urls import include, path

from portal.selfservice.register import views

urlpatterns = [
    path("", views.ways, name="ways"),
    path("sign-in/", views.sign_in_page, name="sign-in"),
    path("sign-out/", views.sign_out_now, name="sign-out"),
    path("step-up/", views.step_up, name="step-up"),
    path("factor/<hex:factor_id>/rename/", views.rename_factor, name="rename"),
    path("factor/<hex:factor_id>/remove/", views.remove_factor, name="remove"),
    path("add/", include("portal.methods.urls")),
]
