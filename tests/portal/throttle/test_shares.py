"""What a site takes is shared out fairly: no address and no network closes the door to others."""

from datetime import timedelta
from ipaddress import ip_network

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from portal.audit.models import Event
from portal.env import NamedNetwork
from portal.throttle.flows import forget_old_shares, give_back, make_known, take_shares
from portal.throttle.models import Familiar, Share
from portal.throttle.queries import is_known
from portal.throttle.rates import Rate
from portal.throttle.rules import Level, Scope
from tests.fakes.post_box import the_box
from tests.fakes.worker import FakeWorker
from tests.portal.at_once import at_once
from tests.portal.throttle.conftest import At
from tests.portal.throttle.solving import solution
from tests.portal.walk import NEW, OLD, Browser

pytestmark = pytest.mark.slow


def try_password(browser: Browser, page: str, name: str, password: str = "wrong") -> Browser:
    """Type a name and a work password, and do what a browser does under pressure."""
    browser.get(page)
    typed = {"name": name, "password": password, "current": password, "new": NEW, "confirm": NEW}
    return browser.send(typed | solution(browser))


def flood(at: At, network: str, many: int) -> list[Browser]:
    """Start so often from all over a /24, as programs do that solve what they are asked to."""
    came = []
    for number in range(many):
        browser = at(f"{network}.{number % 250 + 1}").get("/reset/")
        came.append(browser.send({"name": f"junk{number}"} | solution(browser)))
    return came


@pytest.mark.parametrize("page", ["/register/sign-in/", "/change/"])
def test_61_junk_names_from_three_addresses_leave_a_fourth_address_open(
    worker: FakeWorker, small: Settings, at: At, page: str
) -> None:
    small.KEYBACK_STARTS_PER_NETWORK = 300  # as in production: the passwords are what is counted here
    worker.corp.add("alice")
    for number in range(61):
        try_password(at(f"192.0.2.{number % 3 + 1}"), page, f"junk{number}")
    signed_in = try_password(at("192.0.2.4"), "/register/sign-in/", "alice", OLD)
    assert signed_in.url.endswith("/prove/"), signed_in.complaint()
    changed = try_password(at("198.51.100.7"), "/change/", "alice", OLD)
    assert "Your password is changed" in changed.text or changed.url.startswith("/result/")


def test_who_meets_wrong_passwords_of_others_in_the_network_reads_so(
    worker: FakeWorker, small: Settings, at: At
) -> None:
    worker.corp.add("alice")
    for number in range(11):
        try_password(at("192.0.2.1"), "/change/", f"junk{number}")
    refused = try_password(at("192.0.2.1"), "/change/", "alice", OLD)
    assert refused.status == 429
    assert "tried from your network lately, perhaps by others in it" in refused.complaint()
    own = at("198.51.100.1")
    for number in range(6):
        try_password(own, "/change/", f"mine{number}")
    assert own.status == 429
    assert "You have typed wrong passwords very often" in own.complaint()


def test_strangers_everywhere_leave_some_tries_to_known_browsers(
    worker: FakeWorker, small: Settings, at: At
) -> None:
    worker.corp.add("alice")
    hers = try_password(at("203.0.113.9"), "/register/sign-in/", "alice", OLD)
    hers.post("/register/sign-out/")
    for number in range(61):
        try_password(at(f"10.{number}.0.1"), "/register/sign-in/", f"junk{number}")
    stranger = try_password(at("10.200.0.1"), "/register/sign-in/", "bob")
    assert stranger.status == 429
    assert "So that no account gets locked" in stranger.complaint()
    again = try_password(hers, "/register/sign-in/", "alice", OLD)
    assert again.url.endswith("/prove/"), again.complaint()


def test_a_flood_from_one_network_closes_the_door_to_that_network_alone(
    worker: FakeWorker, small: Settings, at: At
) -> None:
    worker.corp.add("alice")
    inside = try_password(at("192.0.2.77"), "/register/sign-in/", "alice", OLD)
    came = flood(at, "192.0.2", 45)
    assert [browser.status for browser in came[-5:]] == [429] * 5
    assert at("198.51.100.1").get("/reset/").send({"name": "carol"}).url.endswith("/prove/")
    assert inside.get("/reset/").send({"name": "alice"}).url.endswith("/prove/")
    stranger = at("192.0.2.78").get("/reset/")
    refused = stranger.send({"name": "dave"} | solution(stranger))
    assert refused.status == 429
    assert 0 < int(refused.response["Retry-After"]) <= 630
    assert "Wait " in refused.complaint()
    assert 'value="dave"' in refused.text


def test_a_refused_start_reaches_no_worker_and_stores_nothing(
    worker: FakeWorker, small: Settings, at: At
) -> None:
    flood(at, "192.0.2", 40)
    jobs, rows = len(the_box().sent), Share.objects.count()
    flood(at, "192.0.2", 20)
    assert (len(the_box().sent), Share.objects.count()) == (jobs, rows)


def test_one_browser_is_counted_before_its_address(worker: FakeWorker, small: Settings, at: At) -> None:
    busy = at("192.0.2.1")
    statuses = [busy.get("/reset/").send({"name": f"n{number}"}).status for number in range(9)]
    assert statuses == [200] * 8 + [429]
    assert "You have started very often" in busy.complaint()
    assert at("192.0.2.1").get("/reset/").send({"name": "colleague"}).url.endswith("/prove/")


def test_a_form_that_is_not_complete_takes_no_place(worker: FakeWorker, small: Settings, at: At) -> None:
    browser = at("192.0.2.1")
    assert {browser.get("/reset/").send({"name": ""}).status for _ in range(30)} == {422}
    assert Share.objects.count() == 0


def test_right_passwords_use_up_nothing(worker: FakeWorker, small: Settings, at: At) -> None:
    small.KEYBACK_STARTS = small.KEYBACK_STARTS_PER_NETWORK = 400
    worker.corp.add("alice")
    for _ in range(25):
        assert try_password(at("192.0.2.1"), "/register/sign-in/", "alice", OLD).url.endswith("/prove/")


def test_an_office_with_a_name_has_a_rate_of_its_own(worker: FakeWorker, small: Settings, at: At) -> None:
    small.KEYBACK_NETWORKS = [NamedNetwork("office", ip_network("203.0.113.0/24"), 100, 600)]
    for number in range(45):
        assert at("203.0.113.5").get("/reset/").send({"name": f"n{number}"}).url.endswith("/prove/")
    came = [at("192.0.2.5").get("/reset/").send({"name": f"n{number}"}).status for number in range(16)]
    assert came[-1] == 429


def test_a_refused_start_is_recorded_once(worker: FakeWorker, small: Settings, at: At) -> None:
    small.KEYBACK_STARTS = 2
    came = [at("192.0.2.7").get("/reset/") for _ in range(5)]
    statuses = [each.send({"name": "n"} | solution(each)).status for each in came]
    assert statuses == [200, 429, 429, 429, 429]
    (told,) = Event.objects.filter(event="start.throttled")  # once, however often it is tried
    assert told.facts == {"network": "192.0.2.7", "what": "start", "scope": "address"}
    assert at("192.0.2.8").get("/reset/").send({"name": "n"}).status == 200


def test_the_id_of_a_browser_is_random_and_no_page_makes_a_session_of_it(
    worker: FakeWorker, small: Settings, at: At
) -> None:
    one, other = at("192.0.2.1").get("/reset/"), at("192.0.2.1").get("/reset/")
    cookies = [each.client.cookies["__Host-keyback-browser"] for each in (one, other)]
    assert cookies[0].value != cookies[1].value
    assert (cookies[0]["httponly"], cookies[0]["secure"], cookies[0]["samesite"]) == (True, True, "Lax")
    assert "__Host-keyback" not in one.client.cookies


@pytest.mark.parametrize("value", ["", "x", "a" * 32, f"{'a' * 32}:1:x", "\x00"])
def test_an_unsigned_browser_id_counts_for_nothing(worker: FakeWorker, small: Settings, value: str) -> None:
    client = Client(REMOTE_ADDR="192.0.2.1", raise_request_exception=False)
    statuses = []
    for number in range(9):
        client.cookies["__Host-keyback-browser"] = f"{value}{number}" if value else ""
        statuses.append(Browser(client).post("/reset/", {"name": "n"}).status)
    assert statuses[-1] == 429


@pytest.mark.django_db
def test_one_account_makes_only_so_many_browsers_known() -> None:
    for number in range(9):
        make_known("people", f"browser{number}", person="mallory")
    assert sum(is_known("people", f"browser{number}") for number in range(9)) == 5


@pytest.mark.django_db
def test_expired_rows_are_deleted() -> None:
    make_known("people", "b")
    take_shares([_level(3)], known=False)
    assert forget_old_shares() == 0
    Familiar.objects.update(until=timezone.now())
    Share.objects.update(updated=timezone.now() - timedelta(days=3))
    assert forget_old_shares() == 2


def _level(limit: int) -> Level:
    return Level(order=1, kind="start", scope=Scope.ALL, key="", rate=Rate(limit, 600))


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_parallel_takers_get_no_more_than_the_share() -> None:
    granted: list[bool] = []
    at_once(lambda: granted.append(take_shares([_level(4)], known=True).verdict.granted), times=12)
    assert granted.count(True) == 4


@pytest.mark.django_db
def test_a_place_given_back_can_be_taken_again() -> None:
    tickets = [take_shares([_level(2)], known=True) for _ in range(3)]
    assert [ticket.verdict.granted for ticket in tickets] == [True, True, False]
    give_back(tickets[0], kind="start")
    give_back(tickets[2], kind="start")  # nothing was taken with it
    assert take_shares([_level(2)], known=True).verdict.granted
    assert not take_shares([_level(2)], known=True).verdict.granted
