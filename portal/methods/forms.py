"""Forms that several methods use."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from portal.dispatch.outcomes import sentence
from portal.methods.page import BadCodeError, MethodPage
from portal.web.forms import CodeField, PlainForm
from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.secret import Secret


class CodeForm(PlainForm):
    """A code of one method; once the form is valid, cleaned_data["code"] is a Secret."""

    code = CodeField()

    def __init__(self, *args: Any, method: MethodPage, **kwargs: Any) -> None:
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
    def with_refusal(cls, method: MethodPage, sentence: str) -> "CodeForm":
        """Return an empty form that shows a refusal.

        Args:
            method: the method of the code.
            sentence: why the last code was refused; empty if none was.
        """
        form = cls({} if sentence else None, method=method)
        if sentence:
            form.errors.pop("code")
            form.add_error("code", ValidationError(sentence, code="refused"))
        return form

    def why(self, answer: Answer | None) -> str:
        """Return the sentence for an answer that did not accept the code."""
        is_wrong = answer is not None and answer.outcome is Outcome.WRONG_CODE
        return gettext(self.method.wrong) if is_wrong and self.method.wrong else sentence(answer)

    def refuse(self, answer: Answer | None) -> None:
        """Show the worker's refusal at the field."""
        self.add_error(
            "code", ValidationError(self.why(answer), code=answer.outcome if answer else "no-answer")
        )


class ButtonForm(PlainForm):
    """A form with nothing but a button; a refusal is shown above it."""

    def refuse(self, answer: Answer | None, text: str = "") -> None:
        """Show why the worker refused; `text` replaces the usual sentence."""
        self.add_error(None, ValidationError(text or sentence(answer)))
