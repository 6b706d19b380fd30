"""Signs people in to /register/, or says why not."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from portal.dispatch.outcomes import sentence
from portal.gates.models import Attempt
from portal.gates.session import bind, lead_onward, show_end
from portal.people.models import Account
from portal.people.session import SignedInPerson, leave_trace, sign_in
from portal.selfservice.flows import check_sign_in
from portal.selfservice.forms import SignInForm
from portal.selfservice.journey import lead_to_change
from portal.selfservice.outcomes import MAY_COUNT
from portal.selfservice.queries import site
from portal.throttle.door import Door, remember_browser
from portal.web.language import language
from writeback.envelope.answers import Answer, Outcome, Wait

CHANGE_FIRST = {Outcome.MUST_CHANGE, Outcome.PASSWORD_EXPIRED}


def sign_in_with(request: HttpRequest, form: SignInForm, door: Door) -> HttpResponse | None:
    """Have a sign-in checked and return the response; if it is refused, return None and fill in the form."""
    name, password = form.cleaned_data["name"], form.cleaned_data["password"]
    checked = check_sign_in(name=name, password=password, site=site(), locale=language())
    if isinstance(checked, tuple):
        door.take_back_failure()
        return _welcome(request, *checked)
    answer, form.reference = checked.answer, checked.reference
    if answer and answer.outcome not in MAY_COUNT:
        door.take_back_failure()
    if answer and answer.outcome in CHANGE_FIRST:
        request.session.flush()
        return lead_to_change(
            request, outcome=answer.outcome, facts={}, name=name, reference=checked.reference
        )
    form.refuse_all(answer)
    return None


def show_refusal(request: HttpRequest, person: SignedInPerson, answer: Answer | None) -> HttpResponse:
    """Return the page that says why there is no list of ways."""
    again = answer is None or not isinstance(answer.facts, Wait)
    said = sentence(answer)
    return show_end(request, None, said, status=503, again=again, reference=person.reference)


def _welcome(request: HttpRequest, attempt: Attempt, account: Account) -> HttpResponse:
    person = SignedInPerson(
        account=account.pk,
        display_name=str(account),
        site=attempt.site,
        attempt=attempt.remote_id,
        public_id=attempt.public_id,
        reference=attempt.reference,
        until=int(attempt.expires.timestamp()),
        since=timezone.now().timestamp(),
    )
    sign_in(request, person)
    remember_browser(request, person=account.username)
    bind(request, attempt)
    return leave_trace(lead_onward(request, attempt))
