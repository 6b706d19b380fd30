"""Made-up people, forms and facts for the pages of the styleguide."""

from datetime import UTC, datetime

from django import forms

from portal.web.forms import AddressField, CodeField, NameField, PasswordField, PlainForm

AT = datetime(2026, 11, 20, 23, 41, tzinfo=UTC)
# Solved by the first number: the page is shown as it is once that is done.
CHALLENGE = {
    "token": "sample",
    "nonce": 32 * "0",
    "target": "fde4cdc1bbb014a565218a549a4ec082",
    "most": 1,
    "rounds": 1,
    "wait": 30,
}
FACTOR_ID = 32 * "0"
PUBLIC_ID = 22 * "A"


class Name(PlainForm):
    name = NameField()


class Code(PlainForm):
    code = CodeField()


class SignIn(PlainForm):
    name = NameField()
    password = PasswordField(
        label="Password", autocomplete="current-password", required="Type your password."
    )


class NewPassword(PlainForm):
    new = PasswordField(label="New password", autocomplete="new-password", required="Type a new password.")
    confirm = PasswordField(
        label="New password again", autocomplete="new-password", required="Type it once more."
    )


class Change(PlainForm):
    name = NameField()
    current = PasswordField(
        label="Old password", autocomplete="current-password", required="Type your old password."
    )
    new = PasswordField(label="New password", autocomplete="new-password", required="Type a new password.")
    confirm = PasswordField(
        label="New password again", autocomplete="new-password", required="Type it once more."
    )


class NotAccepted(Change):
    """A change whose old password was not accepted."""

    may_be_locked = True
    reference = "K7QM-2XHD"

    @classmethod
    def shown(cls) -> "NotAccepted":
        made = cls({"name": "ada"})
        made.errors.clear()
        made.add_error(None, "The user name or the password isn't right. Type both again.")
        return made


class Prove(PlainForm):
    offer = forms.ChoiceField(
        label="How do you want to prove it?",
        choices=[("a", "a"), ("b", "b"), ("c", "c")],
        error_messages={"required": "Choose one of these."},
    )


class Rename(PlainForm):
    label = forms.CharField(label="Name", error_messages={"required": "Type a name."})


class Address(PlainForm):
    source = forms.ChoiceField(
        label="Where",
        widget=forms.RadioSelect,
        choices=[("own", "a•••@corp.example"), ("other", "Another address")],
    )
    address = AddressField()


class Saved(PlainForm):
    factor = forms.CharField(widget=forms.HiddenInput, initial=FACTOR_ID)
    codes = forms.CharField(widget=forms.HiddenInput, initial="K7QM-2XHD-00F3T")
    saved = forms.BooleanField(
        label="I have saved or printed them", error_messages={"required": "Save them first."}
    )


def wrong(form: type[PlainForm], **sentences: str) -> PlainForm:
    """Return a form with these sentences at its fields; an empty one means what the field itself says."""
    made = form({name: "ada" for name in form.base_fields if name == "name"})
    for field, sentence in sentences.items():
        if sentence:
            made.errors.pop(field, None)
            made.add_error(field if field in made.fields else None, sentence)
    return made


RULES = [
    {"key": "min-length", "text": "At least 14 characters", "number": 14, "judge": "page"},
    {
        "key": "complexity",
        "text": "Three of these: capital letters, small letters, digits, signs, other letters",
        "number": 3,
        "judge": "page",
    },
    {"key": "name-in-password", "text": "No part of your name in it", "number": 0, "judge": "page"},
    {
        "key": "history-or-filter",
        "text": "Not one of your last 5 passwords",
        "number": 5,
        "judge": "directory",
    },
]
EVERYBODYS = [  # as they stand before anybody has proven who they are
    RULES[0] | {"text": "At least 8 characters", "number": 8},
    RULES[1],
    RULES[2] | {"judge": "directory"},
    RULES[3],
]
OFFERS = [
    {"handle": "a", "kind": "totp", "title": "Authenticator app", "icon": "totp", "hint": "", "minutes": 1},
    {
        "handle": "b",
        "kind": "email",
        "title": "Mail",
        "icon": "email",
        "hint": "",
        "minutes": 2,
    },
    {
        "handle": "c",
        "kind": "backup_codes",
        "title": "Backup code",
        "icon": "backup_codes",
        "hint": "",
        "minutes": 1,
    },
]
KNOWN = [OFFERS[0], OFFERS[1] | {"hint": "a•••@example.com"}]  # after the password hints are shown
HELP = [
    "Open the app on your phone. It shows a code for this account.",
    "",
    "Take one that you haven't used yet.",
]
FACTORS = [
    {
        "id": FACTOR_ID,
        "kind": "email",
        "title": "Mail",
        "icon": "email",
        "label": "Private mail",
        "hint": "a•••@example.com",
        "state": "ready",
        "created": AT,
        "last_used": AT,
    },
    {
        "id": FACTOR_ID,
        "kind": "totp",
        "title": "Authenticator app",
        "icon": "totp",
        "label": "",
        "hint": "",
        "state": "cooling",
        "created": AT,
        "ready_at": AT,
    },
    {
        "id": FACTOR_ID,
        "kind": "backup_codes",
        "title": "Backup codes",
        "icon": "backup_codes",
        "label": "",
        "hint": "",
        "state": "ready",
        "created": AT,
        "left": 9,
    },
]
COOLING: list[dict[str, object]] = [
    factor | {"state": "cooling", "ready_at": AT, "last_used": None} for factor in FACTORS[:2]
]
ATTEMPT = {"public_id": PUBLIC_ID, "reference": "K7QM-2XHD", "operation": "reset"}
SIGNED_IN = ATTEMPT | {"operation": "register"}
NEXT = [
    "Sign in on your computer with the new password.",
    "On your phone, update the password in Mail and Wi-Fi.",
    "It can take up to 15 minutes at other sites.",
]
CODES = [f"K7QM-2XHD-{number:02}F3T" for number in range(10)]
SHEET = {"account": "ada@corp.example", "made": AT, "site": "https://reset.corp.example/"}
SECRET = "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP"  # noqa: S105  # nobody's
LINK = (
    "otpauth://totp/Keyback:ada%40corp.example"
    "?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Keyback&algorithm=SHA1&digits=6&period=30"
)
CLOSED = (
    "Nothing can be done right now: the connection to your organisation's directory is down. "
    "Try again in a few minutes."
)


def choices() -> list[dict[str, str]]:
    """Return the four things that the first page offers."""
    return [
        {"key": "reset", "url": "/reset/", "title": "I forgot my password", "closed": ""},
        {"key": "unlock", "url": "/unlock/", "title": "My account is locked", "closed": ""},
        {"key": "change", "url": "/change/", "title": "I want to change my password", "closed": ""},
        {"key": "register", "url": "/register/", "title": "Set up ways to prove it's you", "closed": ""},
    ]


def addable() -> list[dict[str, str]]:
    """Return the methods that can be added."""
    return [
        {
            "kind": "totp",
            "title": "Authenticator app",
            "icon": "totp",
            "url": "/register/add/totp/",
            "text": "Codes from an app on your phone.",
        },
        {
            "kind": "email",
            "title": "Mail",
            "icon": "email",
            "url": "/register/add/email/",
            "text": "Codes to an address that you can read without your work password.",
        },
    ]
