"""Notices: written once for each event, however often and late it is looked for; mailed as each person wishes."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.factories import UserFactory
from core.audit import trail
from core.enums import NoticeWay
from core.mail import heartbeats, notices
from core.mail.notices import Told
from core.models import AuditEvent, Notice, NoticedEvent, Outbox
from core.site import change_settings

pytestmark = pytest.mark.django_db
ACT, OTHER = "ticket.moved", "ticket.looked"
SENTENCES = {"ticket": "There is something new about a ticket.", "task": "There is something new about a task."}
START = datetime(2026, 12, 7, 6, tzinfo=UTC)
DIGEST, NONE = NoticeWay.DIGEST, NoticeWay.NONE


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as found:
        change_settings({"time_zone": "America/New_York"}, actor=None)
        yield found


@pytest.fixture
def ann(clock):
    """Make a person to be told, in a portal that has looked before."""
    look(tell=nobody)
    clock.shift(timedelta(hours=2))
    return UserFactory(email="ann@people.example")


def nobody(event):
    return []


def act(subject, action=ACT) -> AuditEvent:
    with transaction.atomic():
        return trail.record(subject, action, actor=None)


def to(*people, kind="ticket"):
    """Tell each of them of an event, about its subject."""
    return lambda event: [
        Told(user, event, kind, type(user).objects.get(pk=event.subject_id), "T-1") for user in people
    ]


def look(tell) -> None:
    notices.look([ACT], tell, SENTENCES)


def told_events() -> list[int]:
    return list(Notice.objects.order_by("event").values_list("event", flat=True))


def mails() -> list[tuple[str, str]]:
    return [(mail.template, mail.address) for mail in Outbox.objects.order_by("created_at")]


def test_an_event_is_told_once_however_often_it_is_looked_for(ann):
    event = act(ann)
    act(ann, OTHER)
    look(to(ann))
    look(to(ann))
    notice = Notice.objects.get()
    assert (notice.user, notice.event, notice.reference) == (ann, event, "T-1")
    assert (notice.subject_type, notice.subject_id) == ("accounts.user", str(ann.pk))
    assert mails() == [("notice", ann.email)]


def test_whoever_would_be_told_only_at_a_later_look_is_not(ann):
    act(ann)
    look(nobody)
    look(to(ann))
    assert Notice.objects.count() == 0


def test_the_mail_says_no_more_than_its_sentence_and_the_way(ann, settings):
    settings.PORTAL_URL = "https://portal.example"
    act(ann)
    look(to(ann))
    mail, notice = Outbox.objects.get(), Notice.objects.get()
    assert mail.subject == "Something new for you in the portal"
    text = mail.body.partition("\n-- \n")[0]
    assert text == (
        "There is something new about a ticket. What it is stands there:\n\n"
        f"https://portal.example/notices/{notice.pk}/\n\n"
        "Whether such mails come at once, once a day or not at all, you choose here:\n"
        "https://portal.example/notices/choices/\n"
    )


def test_what_happened_before_the_first_look_is_told_nobody(clock):
    ann = UserFactory()
    act(ann)
    look(to(ann))
    look(to(ann))
    assert Notice.objects.count() == 0
    act(ann)
    look(to(ann))
    assert Notice.objects.count() == 1


def test_an_event_that_was_committed_late_is_told_and_what_the_clock_missed_too(ann, clock):
    look(nobody)
    clock.shift(timedelta(minutes=-59))
    act(ann)  # and its transaction ended after that look
    clock.shift(timedelta(minutes=59))
    look(to(ann))
    assert Notice.objects.count() == 1
    act(ann)
    clock.shift(timedelta(days=3))  # nobody ran it meanwhile
    look(to(ann))
    assert Notice.objects.count() == 2


def test_events_are_looked_at_in_parts_and_forgotten_when_they_are_too_old_to_be_found(ann, clock, monkeypatch):
    monkeypatch.setattr(notices, "BATCH", 2)
    for _number in range(5):
        act(ann)
    look(to(ann))
    assert Notice.objects.count() == NoticedEvent.objects.count() == 5
    clock.shift(notices.LOOK_BACK)
    look(to(ann))
    assert (Notice.objects.count(), NoticedEvent.objects.count()) == (5, 0)


def test_several_things_about_one_record_are_one_mail_at_a_look(ann):
    bob = UserFactory(email="bob@people.example")
    act(ann)
    act(ann)
    act(bob)
    look(to(ann, bob))
    assert Notice.objects.filter(user=ann).count() == Notice.objects.filter(user=bob).count() == 3
    assert sorted(mails()) == [("notice", ann.email)] * 2 + [("notice", bob.email)] * 2


@pytest.mark.parametrize(("way", "mailed"), [(NoticeWay.AT_ONCE, 1), (DIGEST, 0), (NONE, 0)])
def test_the_notice_always_stands_and_the_mail_comes_as_the_person_chose(ann, way, mailed):
    notices.choose(ann, {"ticket": NONE, "task": NONE})
    notices.choose(ann, {"ticket": way})
    assert notices.ways_of(ann) == {"ticket": way, "task": NONE}
    act(ann)
    look(to(ann))
    assert (Notice.objects.get().awaits_digest, Outbox.objects.count()) == (way == DIGEST, mailed)


def test_the_digest_leaves_at_seven_once_with_what_is_still_unread(ann, clock):
    gone = UserFactory(is_active=False)
    for person in (ann, gone):
        notices.choose(person, {"ticket": DIGEST, "task": DIGEST})
    act(ann)
    look(to(ann, gone))
    act(ann)
    look(to(ann, gone, kind="task"))
    notices.mark_read(Notice.objects.filter(kind="task"))
    act(ann)
    look(to(ann))
    clock.move_to(datetime(2026, 12, 7, 11, 59, tzinfo=UTC))  # 6:59 in New York
    notices.send_digests(SENTENCES)
    assert mails() == []
    clock.shift(timedelta(minutes=1))
    act(ann)
    look(to(ann))  # too late for this morning's
    for _run in range(2):
        notices.send_digests(SENTENCES)
        clock.shift(timedelta(hours=3))
    assert mails() == [("digest", ann.email)]
    text = Outbox.objects.get().body
    assert text.startswith("There is something new about a ticket.\n\n2 notices wait for you.")
    clock.shift(timedelta(days=1))
    notices.send_digests(SENTENCES)
    notices.send_digests(SENTENCES)
    assert mails() == [("digest", ann.email)] * 2
    assert "One notice waits for you." in Outbox.objects.latest("created_at").body


def test_unread_notices_come_first_and_the_latest_of_them(ann, clock):
    made = []
    for _number in range(3):
        made.append(act(ann).pk)
        look(to(ann))
        clock.shift(timedelta(minutes=1))
    assert notices.mark_read(Notice.objects.filter(event=made[2])) == 1
    assert notices.mark_read(Notice.objects.filter(event=made[2])) == 0
    shown = list(Notice.objects.visible_to(ann).order_by("-sort_key").values_list("event", flat=True))
    assert shown == [made[1], made[0], made[2]]
    assert ann.unread_notices == 2


def test_one_event_that_cannot_be_told_holds_up_no_other(ann, clock):
    """It is put aside and told when its turn comes again; the system page and the banner say so meanwhile."""
    bad = act(ann)
    good = act(ann)

    def tell(event):
        if event == bad:
            raise ValueError("a row that nobody thought of")
        return to(ann)(event)

    look(tell)
    assert told_events() == [good.pk]
    beat = heartbeats.known()["telling"]
    assert (beat.failing_since, beat.problem) == (timezone.now(), "ValueError")
    look(to(ann))
    assert told_events() == [good.pk]  # not yet
    clock.shift(notices.LOOK_BACK * 2)
    heartbeats.succeeded("run_due")
    look(tell)
    clock.shift(notices.RETRY)
    assert [sentence for sentence in heartbeats.alarms() if "told" in sentence] == [
        "For two hours somebody could not be told of something; the server's log says why."
    ]
    look(to(ann))
    assert told_events() == [bad.pk, good.pk]
    assert heartbeats.known()["telling"].failing_since is None
    look(to(ann))
    assert told_events() == [bad.pk, good.pk]


def test_whoever_opens_a_record_has_read_what_was_told_of_it(ann):
    bob = UserFactory()
    act(ann)
    act(bob)
    look(to(ann, bob))
    assert (ann.unread_notices, bob.unread_notices) == (2, 2)
    for _time in range(2):
        notices.read_about(ann, actor=ann)
    assert ann.unread_notices == 1
    assert sorted(Notice.objects.unread().values_list("user", "subject_id")) == sorted(
        [(ann.pk, str(bob.pk)), (bob.pk, str(ann.pk)), (bob.pk, str(bob.pk))]
    )
    notices.mark_read(Notice.objects.filter(user=ann))
    del ann.unread_notices
    with CaptureQueriesContext(connection) as queries:
        assert ann.unread_notices == 0
        notices.read_about(bob, actor=ann)
    assert len(queries) == 1


def test_each_sees_their_own(ann):
    bob = UserFactory()
    act(ann)
    look(to(ann))
    assert list(Notice.objects.visible_to(ann)) == [Notice.objects.get()]
    assert list(Notice.objects.visible_to(bob)) == []


def test_old_notices_are_forgotten(ann, clock):
    act(ann)
    look(to(ann))
    clock.shift(notices.KEPT)
    notices.forget_old()
    assert Notice.objects.count() == 1
    clock.shift(timedelta(seconds=1))
    notices.forget_old()
    assert Notice.objects.count() == 0
