"""What the forms of several methods share."""

from typing import Any

from django.core.exceptions import ValidationError

from portal.methods.method import BadCodeError, Method
from portal.web.forms import CodeField, PlainForm
from portal.web.outcomes import sentence
from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.secret import Secret


class CodeForm(PlainForm):
    """A code of one method; afterwards cleaned_data["code"] is a Secret."""

    code = CodeField()

    def __init__(self, *args: Any, method: Method, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.method = method
        if method.numeric:
            self.fields["code"].widget.attrs["inputmode"] = "numeric"

    def clean_code(self) -> Secret:
        try:
            return self.method.read(self.cleaned_data["code"])
        except BadCodeError as error:
            raise ValidationError(str(error), code="shape") from error

    @classmethod
    def refused(cls, method: Method, answer: Answer | None) -> "CodeForm":
        """Return an empty form that says why nothing was sent."""
        form = cls({}, method=method)
        form.full_clean()
        form.errors.pop("code")
        form.refuse(answer)
        return form

    def refuse(self, answer: Answer | None) -> None:
        """Put the worker's refusal at the field."""
        is_wrong = answer is not None and answer.outcome is Outcome.WRONG_CODE
        said = str(self.method.wrong if is_wrong and self.method.wrong else sentence(answer))
        self.add_error("code", ValidationError(said, code=answer.outcome if answer else "no-answer"))


class ButtonForm(PlainForm):
    """Nothing but a button; refusals stand above it."""

    def refuse(self, answer: Answer | None, text: str = "") -> None:
        """Say why it was refused."""
        self.add_error(None, ValidationError(text or sentence(answer)))
