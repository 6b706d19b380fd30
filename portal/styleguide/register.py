"""The pages of /register/: the sign-in, a person's ways, and adding one."""

from functools import partial
from typing import Any

from portal.dispatch.next_page import translate
from portal.gates.models import Policy
from portal.methods.backup_codes import views as backup_codes
from portal.methods.backup_codes.forms import SavedForm
from portal.methods.email import views as email
from portal.methods.email.forms import AddressForm
from portal.methods.email.page import METHOD as EMAIL
from portal.methods.forms import ButtonForm, CodeForm
from portal.methods.totp import qr
from portal.methods.totp import views as totp
from portal.methods.totp.forms import FirstCodeForm
from portal.methods.totp.page import METHOD as TOTP
from portal.people.session import SignInEnd, signed_out_messages
from portal.selfservice.forms import SignInForm
from portal.selfservice.pages import Closure
from portal.selfservice.register.forms import LabelForm
from portal.selfservice.register.pages import LAST_WAY, remove_page, rename_page, sign_in_page, ways_page
from portal.styleguide import samples
from portal.styleguide.journeys import WRONG, explain_closure, refuse_form
from portal.styleguide.page import Page
from portal.styleguide.samples import PERSON, factor, ways
from writeback.envelope.answers import FactorList, FactorState

SIGN_IN, WAYS, REMOVE = "selfservice/sign_in.html", "selfservice/ways.html", "selfservice/remove.html"
ADD_MAIL, CONFIRM_MAIL = "methods/email/add.html", "methods/email/confirm.html"
ADD_APP, ADD_CODES = totp.PAGE, backup_codes.PAGE
ACTIVE, PENDING = FactorState.ACTIVE, FactorState.PENDING


def _make_sign_in(
    form: SignInForm, *, closed: Closure | None = None, over: SignInEnd | None = None
) -> dict[str, Any]:
    said = translate(signed_out_messages(over, posted=True)) if over else ""
    return {"form": form} | sign_in_page(closed=explain_closure(closed), over=said, can_unlock=True)


def _make_ways(listed: FactorList, said: str = "") -> dict[str, Any]:
    return ways_page(PERSON, listed, labels=samples.LABELS, allowed=Policy().methods, said=said)


def _make_last() -> dict[str, Any]:
    form = ButtonForm({})
    form.refuse(None, str(LAST_WAY))
    return {"form": form} | remove_page(PERSON, factor())


def _make_address(data: dict[str, str] | None = None, *, own: str = "a•••@corp.example") -> dict[str, Any]:
    return email.add_page(PERSON, AddressForm(data, own_mail=own), own_mail=own)


def _make_confirm(sent: bool) -> dict[str, Any]:
    form = CodeForm(method=EMAIL)
    return email.confirm_page(PERSON, form, factor(), address="ada.lovelace@exmaple.com", sent=sent)


def _make_app() -> dict[str, Any]:
    seed = samples.SEED
    form = FirstCodeForm(initial=FirstCodeForm.make_initial(seed), method=TOTP)
    return totp.show_page(PERSON, form, seed.secrets[0], qr.label(seed.account))


def _make_button(*, has_codes: bool) -> dict[str, Any]:
    return backup_codes.add_page(PERSON, ButtonForm(), said="", has_codes=has_codes)


def _make_codes(*, sent: bool = False) -> dict[str, Any]:
    initial = SavedForm.make_initial(samples.CODES)
    form = SavedForm(initial) if sent else SavedForm(initial=initial)
    form.full_clean()
    return backup_codes.show_page(PERSON, form, made=samples.AT, site=samples.SITE)


PAGES = {
    "sign-in": Page(SIGN_IN, lambda: _make_sign_in(SignInForm())),
    "sign-in-over": Page(SIGN_IN, lambda: _make_sign_in(SignInForm(), over=SignInEnd.TIME)),
    "sign-in-wrong": Page(SIGN_IN, lambda: _make_sign_in(refuse_form(SignInForm(samples.WORDS), WRONG))),
    "sign-in-closed": Page(SIGN_IN, lambda: _make_sign_in(SignInForm(), closed=Closure.DIRECTORY_AWAY)),
    "ways": Page(WAYS, lambda: _make_ways(ways(ACTIVE, ACTIVE, ACTIVE))),
    "ways-cooling": Page(WAYS, lambda: _make_ways(ways(ACTIVE, ACTIVE, cooling=True, stepped_up=False))),
    "ways-first": Page(WAYS, lambda: _make_ways(ways())),
    "ways-step-up": Page(WAYS, lambda: _make_ways(ways(ACTIVE, stepped_up=False))),
    "ways-pending": Page(WAYS, lambda: _make_ways(ways(PENDING))),
    "rename": Page(
        "selfservice/rename.html",
        lambda: {"form": LabelForm(initial={"label": factor().name})} | rename_page(PERSON, factor()),
    ),
    "remove": Page(REMOVE, lambda: {"form": ButtonForm()} | remove_page(PERSON, factor())),
    "remove-last": Page(REMOVE, _make_last),
    "add-email": Page(ADD_MAIL, _make_address),
    "add-email-none-chosen": Page(ADD_MAIL, partial(_make_address, {})),
    "add-email-no-own": Page(ADD_MAIL, partial(_make_address, own="")),
    "confirm-email": Page(CONFIRM_MAIL, partial(_make_confirm, sent=False)),
    "confirm-email-again": Page(CONFIRM_MAIL, partial(_make_confirm, sent=True)),
    "add-totp": Page(ADD_APP, lambda: totp.add_page(PERSON, ButtonForm(), said="")),
    "add-totp-show": Page(ADD_APP, _make_app),
    "add-backup-codes": Page(ADD_CODES, partial(_make_button, has_codes=False)),
    "add-backup-codes-again": Page(ADD_CODES, partial(_make_button, has_codes=True)),
    "backup-codes": Page(ADD_CODES, _make_codes),
    "backup-codes-not-saved": Page(ADD_CODES, partial(_make_codes, sent=True)),
}
