"""The forms for reset, unlock, change and sign-in."""

from typing import Any

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext_lazy as _

from portal.dispatch.outcomes import sentence
from portal.gates.models import Attempt
from portal.methods.forms import ButtonForm
from portal.selfservice.outcomes import PASSWORD_REFUSED, refusals
from portal.web.forms import NameField, PasswordField, PlainForm
from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.secret import Secret

__all__ = ["ButtonForm", "ChangeForm", "NewPasswordForm", "SignInForm", "WhoForm"]


class AskingForm(PlainForm):
    """A form for which a worker is asked.

    Attributes:
        reference: the reference of the job, for the helpdesk; empty before a job was sent.
    """

    reference = ""

    def refuse_all(self, answer: Answer | None) -> None:
        """Show the worker's refusal above the form, not at the name: it says nothing about the name."""
        code = answer.outcome if answer else "no-answer"
        self.add_error(None, ValidationError(sentence(answer), code=code))

    def may_be_locked(self) -> bool:
        """Tell whether a password was not accepted; a locked account is one possible reason."""
        return self.has_error(NON_FIELD_ERRORS, Outcome.WRONG_PASSWORD)


class WhoForm(AskingForm):
    """The name of the person."""

    name = NameField()


class SignInForm(WhoForm):
    """A name and the directory password."""

    password = PasswordField(
        label=_("Work password"), autocomplete="current-password", required=_("Type your work password.")
    )

    def refuse_all(self, answer: Answer | None) -> None:
        if answer and answer.outcome is Outcome.BAD_DESTINATION:
            said = _(
                "Your password is right. But your organisation's directory has a mail address for you that "
                "no mail can be sent to, so you can't set anything up yet. Ask %(contact)s to correct it."
            )
            contact = settings.KEYBACK_CONTACT or _("your IT support")
            self.add_error(None, ValidationError(said, params={"contact": contact}, code=answer.outcome))
            return
        super().refuse_all(answer)


class NewPasswordForm(PlainForm):
    """A new password, twice."""

    new = PasswordField(
        label=_("New password"), autocomplete="new-password", required=_("Type a new password.")
    )
    confirm = PasswordField(
        label=_("New password again"),
        autocomplete="new-password",
        required=_("Type the new password once more."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.errors.get("new") == self.errors.get("confirm"):  # what is wrong with both is told once
            self.errors.pop("confirm", None)
        new, confirm = cleaned.get("new"), cleaned.get("confirm")
        if isinstance(new, Secret) and isinstance(confirm, Secret) and new != confirm:
            self.add_error(
                "confirm", ValidationError(_("The two are not the same. Type both again."), code="differs")
            )
        return cleaned

    @classmethod
    def for_page(cls, attempt: Attempt) -> "NewPasswordForm":
        """Return an empty form; if the last password was refused, the form says why."""
        if attempt.outcome not in PASSWORD_REFUSED:
            return cls()
        form = cls({})
        form.full_clean()
        form.errors.clear()
        form.refuse(refusals(attempt.outcome, attempt.facts))
        return form

    def refuse(self, sentences: list[str]) -> None:
        """Show these sentences at the field of the new password."""
        for said in sentences:
            self.add_error("new", ValidationError(said, code="refused"))


class ChangeForm(NewPasswordForm, AskingForm):
    """The name, the old password, and the new one twice, on one page."""

    name = NameField()
    current = PasswordField(
        label=_("Old password"),
        autocomplete="current-password",
        required=_("Type the password that you have now."),
    )
    field_order = ("name", "current", "new", "confirm")

    def refuse_all(self, answer: Answer | None) -> None:
        super().refuse_all(answer)
        if answer is None:
            self.add_error(None, ValidationError(_("Nothing was changed."), code="no-answer"))
