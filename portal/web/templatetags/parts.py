"""The parts of pages; /styleguide/ shows each of them in every state."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TypedDict

from django import forms, template
from django.forms.boundfield import BoundField
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from portal.web import look
from portal.web.site_map import site_map

register = template.Library()

_IMAGES = Path(__file__).resolve().parents[3] / "static" / "img"


class RuleText(TypedDict):
    """One rule for a password; `judge` is "page" if the page can check it, "directory" if only AD can."""

    key: str
    text: str
    number: int
    judge: str


class Complaint(TypedDict):
    """One line of the summary of errors; `target` is the id of the field, or empty."""

    target: str
    text: str


@cache
def _svg(name: str) -> SafeString:
    return mark_safe((_IMAGES / f"{name}.svg").read_text("utf-8").strip())  # noqa: S308  # our own file


@register.simple_tag
def page_url(page: str) -> str:
    """Return the address of a page by its name in the site map."""
    return reverse(getattr(site_map(), page))


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return the icon of static/img/icons with this name as inline SVG."""
    return _svg(f"icons/{name}")


@register.simple_tag
def mark() -> SafeString:
    """Return the product's mark as inline SVG."""
    return _svg("mark")


@register.simple_tag
def grounds() -> look.Grounds:
    """Return the background colours of pages, for the bar of the browser."""
    return look.grounds()


@register.simple_tag
def moment(instant: datetime, *, clock: bool = True) -> SafeString:
    """Show a time with its zone; a script turns it into the viewer's own time.

    Args:
        instant: the time, with a zone.
        clock: False shows the day only.
    """
    local = timezone.localtime(instant)
    day = date_format(local, "DATE_FORMAT")
    text = f"{day}, {date_format(local, 'H:i')} {local.tzname()}" if clock else day
    return format_html(
        '<time datetime="{}" data-moment="{}">{}</time>',
        instant.isoformat(),
        "time" if clock else "day",
        text,
    )


@register.simple_tag
def clock(instant: datetime) -> SafeString:
    """Show the hour and minute of a time that is not far away; otherwise like `moment`."""
    local = timezone.localtime(instant)
    text = f"{date_format(local, 'H:i')} {local.tzname()}"
    return format_html('<time datetime="{}" data-moment="clock">{}</time>', instant.isoformat(), text)


@register.inclusion_tag("parts/steps.html")
def steps(title: str, number: int = 0, total: int = 0) -> dict[str, object]:
    """Show the page's heading, and above it how far the journey has got.

    Args:
        title: the heading.
        number: number of this step, from 1; 0 for a page without steps.
        total: number of all steps.
    """
    return {
        "title": title,
        "number": number,
        "total": total,
        "marks": [place <= number for place in range(1, total + 1)],
    }


@register.inclusion_tag("parts/field.html")
def field(
    bound: BoundField, hint: str = "", describedby: str = "", kind: str = "", *, first: bool = False
) -> dict[str, object]:
    """Show a field with its label, a hint and its errors.

    Args:
        bound: the field of a form.
        hint: one sentence above the field.
        describedby: ids of other elements that describe the field, such as a list of rules.
        kind: "code" for digits, "letters" for a code of letters and digits; both are shown in wide letters.
        first: True puts the cursor into the field when the page opens, unless there are errors.
    """
    name = bound.auto_id
    emptied = _("Type it again: passwords don't stay on this page.") if _is_emptied(bound) else ""
    shown = hint or emptied or bound.help_text
    described = [f"{name}_hint"] * bool(shown) + [f"{name}_error"] * bool(bound.errors)
    attrs: dict[str, str | bool] = {"class": "input input--code" if kind else "input"}
    if first and not bound.form.errors:
        attrs["autofocus"] = True
    if kind == "code":
        attrs["inputmode"] = "numeric"
    if ids := " ".join([*describedby.split(), *described]):
        attrs["aria-describedby"] = ids
    secret = isinstance(bound.field.widget, forms.PasswordInput)
    if secret or kind:
        attrs |= {"spellcheck": "false", "autocapitalize": "none", "autocorrect": "off"}
    return {"bound": bound, "hint": shown, "widget": bound.as_widget(attrs=attrs), "secret": secret}


def _is_emptied(bound: BoundField) -> bool:
    """Tell whether a right password must be typed again, since the page does not show it after an error."""
    is_password = isinstance(bound.field.widget, forms.PasswordInput)
    return is_password and bool(bound.form.errors) and not bound.errors and bool(bound.data)


@register.inclusion_tag("parts/errors.html")
def errors(form: forms.BaseForm) -> dict[str, list[Complaint]]:
    """Show all errors of a form at the top of the page, each with a link to its field."""
    found: list[Complaint] = []
    if form.is_bound:
        found += [{"target": "", "text": str(text)} for text in form.non_field_errors()]
        for bound in form:
            target = (
                bound.id_for_label or bound.auto_id
            )  # for a group of radio buttons, the id of the fieldset
            found += [{"target": target, "text": str(text)} for text in bound.errors]
    return {"found": found}


@register.inclusion_tag("parts/rules.html")
def rules(
    bound: BoundField, rules: Iterable[RuleText], names: Sequence[str] = (), *, general: bool = False
) -> dict[str, object]:
    """Show the rules for a new password: first those that are ticked off during typing, then the others.

    Args:
        bound: the field of the password.
        rules: the rules.
        names: what the password may not contain.
        general: True if these are the directory's rules, from which this person's may differ.
    """
    all_rules = list(rules)
    return {
        "bound": bound,
        "page_rules": [rule for rule in all_rules if rule["judge"] == "page"],
        "directory_rules": [rule for rule in all_rules if rule["judge"] != "page"],
        "names": json.dumps(list(names)),
        "general": general and bool(all_rules),
    }


@register.simple_block_tag
def notice(content: str, kind: str = "info", title: str = "") -> SafeString:
    """Show a box of one of five kinds: info, good, wait, warn, bad."""
    icons = {"info": "info", "good": "good", "wait": "clock", "warn": "warn", "bad": "bad"}
    return render_to_string(
        "parts/notice.html", {"content": content, "kind": kind, "title": title, "icon_name": icons[kind]}
    )
