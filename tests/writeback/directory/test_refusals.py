"""Each refusal of AD's means one thing to the person."""

import pytest

from writeback.directory.connection import Reply
from writeback.directory.refusals import OUTCOMES, Verb, outcome_of
from writeback.envelope.answers import Outcome

BIND_TEXT = "80090308: LdapErr: DSID-0C09050F, comment: AcceptSecurityContext error, data {}, v4563"

BINDS = {
    "525": Outcome.WRONG_PASSWORD,
    "52e": Outcome.WRONG_PASSWORD,
    "52f": Outcome.DIRECTORY_REFUSED,
    "530": Outcome.ACCOUNT_RESTRICTED,
    "531": Outcome.ACCOUNT_RESTRICTED,
    "532": Outcome.PASSWORD_EXPIRED,
    "533": Outcome.ACCOUNT_DISABLED,
    "568": Outcome.DIRECTORY_REFUSED,
    "701": Outcome.ACCOUNT_EXPIRED,
    "773": Outcome.MUST_CHANGE,
    "775": Outcome.ACCOUNT_LOCKED,
    "999": Outcome.WRONG_PASSWORD,
}


@pytest.mark.parametrize(("code", "outcome"), BINDS.items())
def test_a_refused_bind_is_reported_by_its_data_code(code: str, outcome: Outcome) -> None:
    reply = Reply(49, "invalidCredentials", BIND_TEXT.format(code))
    assert outcome_of(Verb.BIND, reply) is outcome


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        (0, Outcome.DONE),
        (49, Outcome.WRONG_PASSWORD),
        (51, Outcome.DIRECTORY_AWAY),
        (52, Outcome.DIRECTORY_AWAY),
        (8, Outcome.DIRECTORY_REFUSED),
        (53, Outcome.DIRECTORY_REFUSED),
    ],
)
def test_only_a_wrong_password_is_called_one(result: int, outcome: Outcome) -> None:
    assert outcome_of(Verb.BIND, Reply(result, "", "")) is outcome


@pytest.mark.parametrize(
    ("verb", "result", "message", "outcome"),
    [
        (Verb.CHANGE, 19, "00000056: AtrErr: DSID-03191083", Outcome.WRONG_PASSWORD),
        (Verb.CHANGE, 19, "0000052D: AtrErr: DSID-03191083", Outcome.REFUSED_BY_POLICY),
        (Verb.CHANGE, 19, "0000052d: in small letters", Outcome.REFUSED_BY_POLICY),
        (Verb.CHANGE, 19, "00000775: account is locked", Outcome.ACCOUNT_LOCKED),
        (Verb.CHANGE, 19, "", Outcome.CANNOT_CHANGE),
        (Verb.CHANGE, 50, "00000005: SecErr", Outcome.CANNOT_CHANGE),
        (Verb.RESET, 53, "0000052D: SvcErr", Outcome.REFUSED_BY_POLICY),
        (Verb.RESET, 53, "0000001F: SvcErr", Outcome.DIRECTORY_REFUSED),
        (Verb.RESET, 19, "0000052D: AtrErr", Outcome.REFUSED_BY_POLICY),
        (Verb.RESET, 50, "00002098: SecErr", Outcome.DIRECTORY_REFUSED),
        (Verb.RESET, 12, "00000057: LdapErr", Outcome.DIRECTORY_REFUSED),
        (Verb.RESET, 80, "00000057: LdapErr", Outcome.DIRECTORY_REFUSED),
        (Verb.RESET, 32, "0000208D: NameErr", Outcome.ACCOUNT_GONE),
        (Verb.RESET, 51, "0000200E: SvcErr", Outcome.DIRECTORY_AWAY),
        (Verb.UNLOCK, 50, "00002098: SecErr", Outcome.DIRECTORY_REFUSED),
        (Verb.UNLOCK, 0, "", Outcome.DONE),
    ],
)
def test_a_refused_write_is_reported_by_result_and_code(
    verb: Verb, result: int, message: str, outcome: Outcome
) -> None:
    assert outcome_of(verb, Reply(result, "", message)) is outcome


@pytest.mark.parametrize("verb", Verb)
def test_success_is_the_result_zero_and_nothing_else(verb: Verb) -> None:
    assert [
        result
        for named, result, _ in OUTCOMES
        if named is verb and OUTCOMES[named, result, _] is Outcome.DONE
    ] == [0]
    assert outcome_of(verb, Reply(1, "success", "0000052E: true")) is not Outcome.DONE
