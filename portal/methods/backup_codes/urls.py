"""Addresses for setting up backup codes."""

from django.urls import path

from portal.methods.backup_codes import views

urlpatterns = [
    path("", views.add, name="add-backup-codes"),
    path("file/", views.save_as_file, name="save-backup-codes"),
    path("confirm/", views.confirm_saved, name="confirm-backup-codes"),
]
