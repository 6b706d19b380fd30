"""Whatever is wrong with sites and workers stands on the admin's pages, in words and since when."""

import html
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from portal.audit.models import Event
from portal.dispatch.models import Site
from portal.dispatch.rules import Served, find_conflict
from portal.dispatch.troubles import remember_troubles, troubles
from portal.dispatch.workers import known_workers
from portal.web.local_times import to_second
from tests.portal.conftest import sign_in_as_admin
from tests.portal.dispatch.played import Stage
from writeback.envelope.answers import DirectoryState
from writeback.envelope.heartbeats import CourierStatus, DirectoryStatus

pytestmark = pytest.mark.slow

OTHER = b"another state id"
FOREIGN = tuple(DirectoryStatus(directory=name, state=DirectoryState.UP) for name in ("corp", "head"))


def read(stage: Stage) -> None:
    known_workers().usable(fresh=True)


def says(**said: object) -> Callable[[Stage], None]:
    return lambda stage: stage.beat(age=-1, **said)


def shows(courier: str) -> Callable[[Stage], None]:
    return says(couriers=(CourierStatus(courier=courier, up=False),))


def silent(stage: Stage) -> None:
    stage.box.beats.clear()


def redis_away(stage: Stage) -> None:
    stage.box.away = True


def other_state(stage: Stage) -> None:
    stage.worker.state_id = OTHER
    stage.beat(age=-1)


def wrong_clock(stage: Stage) -> None:
    stage.beat(age=-120)
    read(stage)
    stage.beat(age=-121)


WRONG: dict[str, tuple[Callable[[Stage], None], str, bool]] = {
    "dead": (silent, "No heartbeat comes from it.", True),
    "redis is away": (redis_away, "No heartbeat comes from it.", True),
    "stopped": (lambda stage: stage.beat(age=100), "It is down: no heartbeat came from it lately.", True),
    "its clock and ours": (wrong_clock, "its clock and the portal's differ by more than a minute", True),
    "weak key": (says(prekey=bytes(32)), "It announces a key that is too weak", True),
    "foreign directory": (says(directories=FOREIGN), "a directory that was not paired (head)", True),
    "other state": (other_state, f"It uses another state ({OTHER.hex()})", True),
    "directory down": (says(state=DirectoryState.DOWN), "The directory corp is down.", True),
    "directory degraded": (says(state=DirectoryState.DEGRADED), "The directory corp is degraded.", False),
    "full disk": (shows("state-and-audit"), "Its state or its audit can't be written", True),
    "newer state": (shows("state-version"), "brought to a newer version", True),
    "redis refuses": (shows("queue"), "It takes no jobs", True),
    "its clock and its database's": (shows("clock"), "clocks of its host and its database differ", True),
    "no mail": (shows("mail"), "Messages can't be sent: the courier mail is down.", True),
    "nobody on call": (shows("on-call"), "Nobody is on call", False),
}


@pytest.fixture
def admin(stage: Stage) -> Client:
    return sign_in_as_admin()


def shown(admin: Client, page: str = "") -> str:
    return html.unescape(" ".join(admin.get(f"/admin/{page}").content.decode().split()))


def test_without_trouble_nothing_is_shown(stage: Stage, admin: Client) -> None:
    assert troubles() == []
    assert "Sites and workers" not in shown(admin)
    assert "none" in shown(admin, "dispatch/site/")


@pytest.mark.parametrize("case", WRONG)
def test_troubles_are_shown_on_the_first_page_and_the_page_of_sites(
    stage: Stage, admin: Client, case: str
) -> None:
    act, sentence, grave = WRONG[case]
    act(stage)
    read(stage)
    (found,) = troubles()
    assert (found.site, found.worker, found.grave) == ("main", "w1", grave)
    word = "Alarm" if grave else "Warning"
    for page in ("", "dispatch/site/", f"dispatch/site/{Site.objects.get().pk}/change/"):
        text = shown(admin, page)
        assert sentence in text, page
        assert f"<strong> {word} · main · w1 </strong>" in text, page


def test_the_start_of_a_trouble_is_shown_and_outlives_the_process(stage: Stage, admin: Client) -> None:
    shows("mail")(stage)
    assert admin.get("/reset/").status_code == 200
    (key,) = Site.objects.get().troubles
    earlier = timezone.now() - timedelta(hours=3)
    Site.objects.update(troubles={key: int(earlier.timestamp())})
    stage.restart_portal()
    assert f"since {to_second(earlier)}" in shown(admin)


def test_a_trouble_that_is_over_starts_anew_next_time(stage: Stage) -> None:
    known = []
    for age, down in ((-1, "mail"), (-2, ""), (-3, "mail")):
        stage.beat(age=age, couriers=(CourierStatus(courier="mail", up=not down),))
        read(stage)
        remember_troubles()
        known.append(list(Site.objects.get().troubles))
    assert known == [["w1: light mail"], [], ["w1: light mail"]]


def test_remembering_troubles_writes_only_new_ones(
    stage: Stage, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    shows("mail")(stage)
    read(stage)
    remember_troubles()
    reads = stage.box.reads
    stage.box.away = True
    with django_assert_num_queries(0):
        remember_troubles()
    assert stage.box.reads == reads


def test_a_dead_worker_was_last_heard_when_its_last_sign_of_life_says(stage: Stage) -> None:
    stage.beat(age=100)
    read(stage)
    (found,) = troubles()
    assert found.since is not None
    assert 99 < (timezone.now() - found.since).total_seconds() < 130


def test_no_site_and_several_sites_are_troubles(stage: Stage, admin: Client) -> None:
    site = Site.objects.get()
    Site.objects.create(
        name="eu", identity=site.identity, workers=["w9"], directories=["eu"], state="00" * 16
    )
    stage.restart_portal()
    assert "Several sites are switched on, so none is used." in shown(admin)
    assert "Several sites are switched on" in shown(admin, "dispatch/site/")
    Site.objects.update(enabled=False)
    stage.restart_portal()
    assert "No site is paired and switched on: nobody can be served." in shown(admin)


def test_a_changed_audit_and_a_missing_tick_are_troubles(stage: Stage, admin: Client) -> None:
    long_ago = timezone.now() - timedelta(hours=1)
    Site.objects.update(
        anchored_at=long_ago, paired_at=long_ago, misfit={"ends": 3, "seen": 7, "since": 1_800_000_000}
    )
    text = shown(admin)
    assert "event 7 is missing or was replaced" in text
    assert "since 2027-01-15 08:00:00 UTC" in text
    assert "Does keyback-tick.timer run?" in text
    assert f"since {to_second(long_ago)}" in text


def test_a_site_that_would_close_the_portal_can_not_be_switched_on(stage: Stage, admin: Client) -> None:
    first = Site.objects.get()
    second = Site.objects.create(
        name="eu",
        identity=first.identity,
        workers=["w9"],
        directories=["eu"],
        state=first.state,
        enabled=False,
    )
    page = f"/admin/dispatch/site/{second.pk}/change/"
    refused = admin.post(page, {"enabled": "on"})
    assert refused.status_code == 200
    assert "The site main is switched on already." in html.unescape(refused.content.decode())
    second.refresh_from_db()
    assert not second.enabled
    assert not Event.objects.filter(event="site.switched").exists()
    first.enabled = False
    first.save()
    assert admin.post(page, {"enabled": "on"}).status_code == 302
    second.refresh_from_db()
    assert second.enabled


@pytest.mark.parametrize(
    ("site", "others", "name"),
    [
        (Served(site="a", directories=("corp",)), [], ""),
        (Served(site="a", directories=("corp", "eu")), [], ""),
        (Served(site="a", directories=("corp",)), [Served(site="b", directories=("eu",))], "b"),
    ],
)
def test_the_admin_names_the_site_that_is_in_the_way(site: Served, others: list[Served], name: str) -> None:
    assert find_conflict(site, others) == name


def test_the_audit_names_the_admin_who_switched_a_site(stage: Stage, admin: Client) -> None:
    address = f"/admin/dispatch/site/{Site.objects.get().pk}/change/"
    admin.post(address, {})
    admin.post(address, {"enabled": "on"})
    told = Event.objects.filter(event="site.switched").order_by("number").values_list("facts", flat=True)
    assert [(facts["account"], facts["enabled"]) for facts in told] == [("erin", False), ("erin", True)]


def test_the_tick_remembers_since_when_too(stage: Stage) -> None:
    silent(stage)
    call_command("tick")
    assert list(Site.objects.get().troubles) == ["w1: unheard"]
