"""Django's admin and form classes in a form that can name its model: ModelAdmin[Event]."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin
    from django.forms import ModelForm
else:

    class ModelAdmin(admin.ModelAdmin):
        """Django's class; only type checkers use the model in the brackets."""

        def __class_getitem__(cls, model: Any) -> Any:
            return cls

    class ModelForm(forms.ModelForm):
        """Django's class; only type checkers use the model in the brackets."""

        def __class_getitem__(cls, model: Any) -> Any:
            return cls


__all__ = ["ModelAdmin", "ModelForm", "ReadOnly"]


class ReadOnly:
    """An admin page that changes nothing."""

    def has_add_permission(self, request: Any) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False
