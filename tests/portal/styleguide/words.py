"""What a person sees or hears of a page."""

import re
from html.parser import HTMLParser

from django.test import Client, override_settings

SPOKEN = ("aria-label", "placeholder", "data-text", "data-wait", "data-busy", "data-progress")
UNSEEN = {"time", "svg", "script", "noscript"}
# What differs between any two people and attempts: references, addresses, codes that are shown, and times.
OWN = re.compile(
    r"\b[A-Z2-7]{4}-[A-Z2-7]{4}(?:-[A-Z2-7]{5})?\b|\S+@[\w.-]*\w|\b[A-Z2-7]{4}\b|https?://\S+"
    r"|\b[A-Z][a-z]{2,8}\.? \d{1,2}, \d{4}\b|\b\d\d:\d\d on \d{1,2} [A-Z][a-z]+\b"
)


class Reader(HTMLParser):
    """Collects the words of a page: its title, and what stands in <main>, piece by piece."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._open or tag in {"main", "title"}:
            self.words += [f"{name}: {value}" for name, value in attrs if name in SPOKEN]
            if tag in UNSEEN or tag in {"main", "title"}:
                self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        said = " ".join(data.split())
        if said and self._open and self._open[-1] not in UNSEEN:
            self.words.append(OWN.sub("…", said))


def words_of(page: str) -> list[str]:
    """Return the words of a page."""
    reader = Reader()
    reader.feed(page)
    return reader.words


def guide_page(name: str) -> str:
    """Return a page of the styleguide."""
    with override_settings(ROOT_URLCONF="deploy.dev.urls"):
        response = Client().get(f"/styleguide/{name}/")
    assert response.status_code == 200
    return response.content.decode()


def guide_words(name: str) -> list[str]:
    """Return the words of a page of the styleguide."""
    return words_of(guide_page(name))
