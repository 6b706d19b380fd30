"""One folder of addresses for each method of the registry."""

from django.urls import include, path

from portal.methods.registry import METHODS

urlpatterns = [
    path(f"{kind.value.replace('_', '-')}/", include(f"portal.methods.{kind.value}.urls")) for kind in METHODS
]
