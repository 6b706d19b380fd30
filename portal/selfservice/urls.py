"""Addresses of the journeys."""

from django.urls import include, path

from portal.selfservice import views
from writeback.envelope.jobs import Operation

urlpatterns = [
    path("", views.home, name="home"),
    path("reset/", views.who, {"operation": Operation.RESET}, name="reset"),
    path("unlock/", views.who, {"operation": Operation.UNLOCK}, name="unlock"),
    path("change/", views.change, name="change"),
    path("attempt/<public:public_id>/", include("portal.gates.urls")),
    path("attempt/<public:public_id>/password/", views.password, name="password"),
    path("attempt/<public:public_id>/unlock/", views.unlock_now, name="unlock-now"),
    path("result/<public:public_id>/", views.result, name="result"),
    path("result/<public:public_id>/state/", views.result_state, name="result-state"),
    path("register/", include("portal.selfservice.register.urls")),
]
