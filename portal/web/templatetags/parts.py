"""The parts that pages are made of; each stands in every state on /styleguide/."""

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
    """One rule for a password; `judge` is "page" where the page can tell, "directory" where only AD can."""

    key: str
    text: str
    number: int
    judge: str


class Complaint(TypedDict):
    """One line of the summary; target is the id of the field, or empty."""

    target: str
    text: str


@cache
def _svg(name: str) -> SafeString:
    return mark_safe((_IMAGES / f"{name}.svg").read_text("utf-8").strip())  # noqa: S308  # our own file


@register.simple_tag
def page_url(page: str) -> str:
    """Return the address of a page of the site map, by its name there."""
    return reverse(getattr(site_map(), page))


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return the icon of static/img/icons with this name, to stand in the page itself."""
    return _svg(f"icons/{name}")


@register.simple_tag
def mark() -> SafeString:
    """Return the product's mark."""
    return _svg("mark")


@register.simple_tag
def grounds() -> look.Grounds:
    """Return what pages stand on in each theme, for the bar of the browser around them."""
    return look.grounds()


@register.simple_tag
def moment(instant: datetime, *, clock: bool = True) -> SafeString:
    """Show an instant; a script turns it into the viewer's own time, and without one the zone is named.

    Args:
        instant: an aware time.
        clock: False to show the day only.
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
    """Show the hour and minute of an instant of these hours, as `moment` does."""
    local = timezone.localtime(instant)
    text = f"{date_format(local, 'H:i')} {local.tzname()}"
    return format_html('<time datetime="{}" data-moment="clock">{}</time>', instant.isoformat(), text)


@register.inclusion_tag("parts/steps.html")
def steps(title: str, number: int = 0, total: int = 0) -> dict[str, object]:
    """Show the page's heading, and above it how far the journey has got.

    Args:
        title: the heading.
        number: of this page, from 1; 0 where there are no steps.
        total: how many there are.
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
    """Show a label, what helps, what is wrong, and the field.

    Args:
        bound: the field of a form.
        hint: one sentence above the field.
        describedby: ids of what else describes it, such as a list of rules.
        kind: "code" for digits, "letters" for a code of letters and digits; both in wide letters.
        first: the cursor stands in it when the page opens, unless a summary of errors takes the focus.
    """
    name = bound.auto_id
    emptied = _("Type it again: passwords don't stay on this page.") if _is_emptied(bound) else ""
    told = hint or emptied or bound.help_text
    described = [f"{name}_hint"] * bool(told) + [f"{name}_error"] * bool(bound.errors)
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
    return {"bound": bound, "hint": told, "widget": bound.as_widget(attrs=attrs), "secret": secret}


def _is_emptied(bound: BoundField) -> bool:
    """Tell whether a password was typed that is not to blame, and that the page does not bring back."""
    is_password = isinstance(bound.field.widget, forms.PasswordInput)
    return is_password and bool(bound.form.errors) and not bound.errors and bool(bound.data)


@register.inclusion_tag("parts/errors.html")
def errors(form: forms.BaseForm) -> dict[str, list[Complaint]]:
    """Show everything that is wrong with a form on top of the page, each with a link to its field."""
    found: list[Complaint] = []
    if form.is_bound:
        found += [{"target": "", "text": str(text)} for text in form.non_field_errors()]
        for bound in form:
            target = bound.id_for_label or bound.auto_id  # a group of radio buttons has a fieldset
            found += [{"target": target, "text": str(text)} for text in bound.errors]
    return {"found": found}


@register.inclusion_tag("parts/rules.html")
def rules(
    bound: BoundField, rules: Iterable[RuleText], names: Sequence[str] = (), *, general: bool = False
) -> dict[str, object]:
    """Show the rules for a new password: first those that tick off while it is typed, then the directory's.

    Args:
        bound: the field that the password is typed into.
        rules: what holds for this person.
        names: what the password may not contain.
        general: this person's may differ.
    """
    told = list(rules)
    return {
        "bound": bound,
        "page_rules": [rule for rule in told if rule["judge"] == "page"],
        "directory_rules": [rule for rule in told if rule["judge"] != "page"],
        "names": json.dumps(list(names)),
        "general": general and bool(told),
    }


@register.simple_block_tag
def notice(content: str, kind: str = "info", title: str = "") -> SafeString:
    """Show a box of one of five kinds: info, good, wait, warn, bad."""
    icons = {"info": "info", "good": "good", "wait": "clock", "warn": "warn", "bad": "bad"}
    return render_to_string(
        "parts/notice.html", {"content": content, "kind": kind, "title": title, "icon_name": icons[kind]}
    )
