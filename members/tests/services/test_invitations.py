"""Which members may be invited, inviting them in bulk, and asking with the member number."""

import re
import time
from collections import Counter

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.enums import AccountAction
from accounts.factories import UserFactory
from accounts.models import RoleAssignment, User
from accounts.services import invitations as accounts
from accounts.services import people as services
from accounts.tests.hashes import counted_hashes
from core.errors import DomainError
from core.mail import jobs
from core.models import AuditEvent, Outbox
from members.enums import Invitability, MemberStatus
from members.factories import MemberFactory
from members.models import Member
from members.services import invitations

pytestmark = pytest.mark.django_db

ADDRESS = "ann@people.example"


@pytest.fixture
def ann():
    return MemberFactory(member_number="A5120", email="Ann@People.example", first_name="Ann", last_name="Abel")


def mails():
    return [(mail.template, mail.address) for mail in Outbox.objects.order_by("created_at")]


def found(member):
    return invitations.sorted_out(Member.objects.filter(pk=member.pk)).get().invitability


# --- who --------------------------------------------------------------------------------------------


@pytest.fixture
def everybody(ann, people):
    """Make one person of each kind; the key says which."""
    people_by_kind = {
        Invitability.READY: [ann],
        Invitability.ACCOUNT: [people["member"].member, MemberFactory(), MemberFactory(email="")],
        Invitability.INVITED: [MemberFactory()],
        Invitability.NO_ADDRESS: [MemberFactory(email="")],
        Invitability.SHARED: [MemberFactory(email="two@people.example"), MemberFactory(email="TWO@people.example")],
        Invitability.TAKEN: [MemberFactory(email="Staff@people.example"), MemberFactory(email="off@people.example")],
        Invitability.RECENT: [MemberFactory(email_written_at=timezone.now())],
        Invitability.LEFT_OUT: [MemberFactory(status=MemberStatus.DECEASED)],
    }
    accounts.invite_members([invitations._invitee(people_by_kind[Invitability.INVITED][0])], actor=people["staff"])
    UserFactory(member=people_by_kind[Invitability.ACCOUNT][1], is_active=False)
    UserFactory(member=people_by_kind[Invitability.ACCOUNT][2])
    UserFactory(email="off@people.example", is_active=False)
    return people_by_kind


def test_members_are_sorted_out(everybody):
    rows = Member.objects.all()
    assert invitations.counts(rows) == Counter({kind: len(members) for kind, members in everybody.items()})
    for kind, members in everybody.items():
        assert {found(member) for member in members} == {kind}


def test_one_statement_counts_them_however_many(everybody, django_assert_num_queries):
    for rows in (Member.objects.filter(pk=everybody[Invitability.READY][0].pk), Member.objects.all()):
        with django_assert_num_queries(1):
            invitations.counts(rows)


# --- one --------------------------------------------------------------------------------------------


def test_one_member_is_invited_and_invited_again(ann, people):
    user = invitations.invite(ann, actor=people["staff"])
    assert user.email == ADDRESS
    assert user.member_id == ann.pk
    assert user.role_names == {"member"}
    assert user.is_verified is False
    assert invitations.invite(ann, actor=people["staff"]) == user
    assert mails() == [("invitation", ADDRESS)] * 2


@pytest.mark.parametrize(
    ("arrange", "sentence"),
    [
        (lambda member: UserFactory(member=member), "has an account already"),
        (lambda member: UserFactory(member=member, is_active=False), "switched off"),
        (lambda member: UserFactory(email=ADDRESS), "Another account uses the address"),
        (lambda member: Member.objects.filter(pk=member.pk).update(email=""), "no e-mail address"),
        (lambda member: Member.objects.filter(pk=member.pk).update(status="deceased"), "not invited"),
    ],
)
def test_who_cannot_be_invited_and_why(ann, people, arrange, sentence):
    arrange(ann)
    with pytest.raises(DomainError, match=sentence):
        invitations.invite(ann, actor=people["staff"])
    assert mails() == []


@pytest.mark.parametrize("name", ["officer", "organizer", "member"])
def test_only_who_may_invite(ann, people, name):
    for act in (lambda: invitations.invite(ann, actor=people[name]), lambda: bulk(people[name])):
        with pytest.raises(PermissionDenied):
            act()


# --- all of a filter --------------------------------------------------------------------------------


def bulk(actor, rows=None, **options):
    return invitations.invite_all(Member.objects.all() if rows is None else rows, actor=actor, **options)


def test_only_whoever_is_ready_is_invited_and_nobody_twice(everybody, people, monkeypatch):
    monkeypatch.setattr(invitations, "BATCH", 2)
    more = [MemberFactory() for _turn in range(4)]
    before = Outbox.objects.count()
    with counted_hashes() as hashes:
        assert bulk(people["staff"]) == 5
    assert hashes == []
    invited = User.objects.filter(invited_by=people["staff"]).exclude(member=everybody[Invitability.INVITED][0])
    assert {user.member_id for user in invited} == {*(member.pk for member in more), everybody["ready"][0].pk}
    assert Outbox.objects.count() - before == 5
    assert bulk(people["staff"]) == 0
    assert Outbox.objects.count() - before == 5
    events = AuditEvent.objects.filter(action=AccountAction.USER_INVITED, actor=people["staff"])
    assert events.count() == 6
    assert RoleAssignment.objects.filter(user__in=invited, role__name="member").count() == 5


def test_a_batch_leaves_out_who_was_invited_since_the_work_began(ann, people):
    keys = [ann.pk, MemberFactory(email=ADDRESS).pk, MemberFactory(email="").pk, MemberFactory().pk]
    accounts.invite_members([invitations._invitee(Member.objects.get(pk=keys[3]))], actor=people["staff"])
    UserFactory(member=MemberFactory())
    invitations._invite_batch(keys, people["staff"])
    assert User.objects.filter(member__in=keys[:3]).count() == 0  # two share an address, one has none
    assert Outbox.objects.count() == 1


def test_a_batch_that_met_another_one_is_tried_again(ann, people, monkeypatch):
    real, turns = accounts.invite_members, []

    def late(*given, **options):
        turns.append(1)
        if len(turns) == 1:
            raise DomainError("Somebody was quicker.")
        return real(*given, **options)

    monkeypatch.setattr(accounts, "invite_members", late)
    assert bulk(people["staff"]) == 1
    assert len(turns) == 2
    assert mails() == [("invitation", ADDRESS)]


def test_one_work_of_a_person_at_a_time(ann, people):
    staff = people["staff"]
    jobs.Progress(invitations.job_key(staff), "Inviting").advance(0)
    try:
        with pytest.raises(DomainError, match="already being worked on"):
            bulk(staff)
    finally:
        jobs.forget(invitations.job_key(staff))
    assert bulk(staff) == 1


def test_nobody_to_invite_begins_no_work(people):
    assert (bulk(people["staff"]), jobs.state_of(invitations.job_key(people["staff"]))) == (0, None)


@pytest.mark.django_db(transaction=True)
def test_long_work_goes_on_in_the_background(people):
    members = [MemberFactory() for _turn in range(3)]
    staff = people["staff"]
    assert bulk(staff, in_background=True) == 3
    key, until = invitations.job_key(staff), time.monotonic() + 30
    while jobs.state_of(key) and time.monotonic() < until:
        time.sleep(0.05)
    assert jobs.state_of(key) is None
    assert User.objects.filter(member__in=members, invited_by=staff).count() == 3


# --- whose account it is ----------------------------------------------------------------------------


def by_the_office(member, people):
    return invitations.invite(member, actor=people["staff"])


def by_number(member, people):
    invitations.claim(member.member_number, member.email)
    return User.objects.get(member=member)


def by_an_administrator(member, people):
    """Invite an address of the administrator's choice for the member's record."""
    return accounts.invite("own@people.example", "Ann", "Abel", actor=people["admin"], member_id=member.pk)


def moved_meanwhile(member, people):
    user = by_the_office(member, people)
    return services.change_user(user, {"email": "own@people.example"}, actor=people["admin"])


@pytest.mark.parametrize(
    ("invite", "opens"),
    [(by_the_office, True), (by_number, True), (by_an_administrator, False), (moved_meanwhile, False)],
)
def test_an_accepted_invitation_opens_the_record_when_it_went_to_a_settled_address(ann, people, rf, invite, opens):
    user = invite(ann, people)
    accounts.accept(accounts.INVITATION.text(user), "seven quiet herons asleep", request=rf.get("/"))
    user.refresh_from_db()
    assert (user.own_member_id is not None) is opens
    assert user.identity_changes.filter(member_after=ann).exists() is True


# --- asking oneself ---------------------------------------------------------------------------------


def test_number_and_address_on_file_make_an_account_and_mail_the_link(ann):
    invitations.claim(" a5120 ", ADDRESS.upper())
    user = User.objects.get(member=ann)
    assert user.email == ADDRESS
    assert user.role_names == {"member"}
    assert user.invited_by is None
    assert user.is_verified is False
    assert mails() == [("invitation", ADDRESS)]
    events = AuditEvent.objects.filter(subject_type="accounts.user", subject_id=str(user.pk)).order_by("id")
    assert [(event.action, event.actor_name) for event in events] == [
        (AccountAction.USER_INVITED, ""),
        (AccountAction.ROLE_ASSIGNED, ""),
    ]


def test_who_is_invited_gets_another_link_and_the_first_dies(ann, people):
    invitations.invite(ann, actor=people["staff"])
    invitations.claim("A5120", ADDRESS)
    assert mails() == [("invitation", ADDRESS)] * 2
    first, second = (re.search(r"invitation/(\S+)/", mail.body)[1] for mail in Outbox.objects.order_by("created_at"))
    with pytest.raises(accounts.LinkDead):
        accounts.INVITATION.owner(first)
    assert accounts.INVITATION.owner(second).member_id == ann.pk


def test_who_has_an_account_gets_a_link_to_the_password_at_its_own_address(ann):
    UserFactory(member=ann, email="own@people.example")
    invitations.claim("A5120", ADDRESS)
    assert mails() == [("claim_known", "own@people.example")]


def test_an_address_of_another_account_is_told_so(ann):
    UserFactory(email=ADDRESS)
    invitations.claim("A5120", ADDRESS)
    assert mails() == [("claim_known", ADDRESS)]


def withdrawn(member):
    user = accounts.invite_members([invitations._invitee(member)], actor=None)[0]
    services.deactivate(user, actor=None, reason="By mistake")
    Outbox.objects.all().delete()


MISSES = {
    "number": lambda member: None,
    "other address": lambda member: Member.objects.filter(pk=member.pk).update(email="other@people.example"),
    "switched off": lambda member: UserFactory(member=member, is_active=False),
    "never a password": lambda member: UserFactory(member=member, password="!"),
    "deceased": lambda member: Member.objects.filter(pk=member.pk).update(status="deceased"),
    "too new": lambda member: Member.objects.filter(pk=member.pk).update(email_written_at=timezone.now()),
    "shared": lambda member: MemberFactory(email=member.email),
    "deleted": lambda member: Member.objects.filter(pk=member.pk).update(deleted_at="2026-01-01T00:00:00Z"),
    "withdrawn": withdrawn,
}


@pytest.mark.parametrize("kind", MISSES)
def test_whoever_it_does_not_concern_gets_nothing_and_leaves_no_trace(ann, kind):
    MISSES[kind](ann)
    before = (User.objects.count(), AuditEvent.objects.count(), RoleAssignment.objects.count())
    invitations.claim("9999999" if kind == "number" else "A5120", ADDRESS)
    assert mails() == []
    assert (User.objects.count(), AuditEvent.objects.count(), RoleAssignment.objects.count()) == before


def test_three_mails_an_hour(ann):
    for _turn in range(5):
        invitations.claim("A5120", ADDRESS)
    assert len(mails()) == 3


def test_a_stranger_who_knows_the_address_keeps_nobody_from_claiming(ann):
    for number in ("1", "2", "3", "4"):
        invitations.claim(number, ADDRESS)
    invitations.claim("A5120", ADDRESS)
    assert mails() == [("invitation", ADDRESS)]


def test_an_account_gets_three_mails_an_hour_whichever_records_lead_to_it(ann):
    own = MemberFactory(member_number="77", email="own@people.example")
    UserFactory(member=own, email=ADDRESS)
    for _turn in range(2):
        invitations.claim("A5120", ADDRESS)
        invitations.claim("77", "own@people.example")
    assert mails() == [("claim_known", ADDRESS)] * 3


def test_the_same_statements_and_no_hash_for_whoever_asks():
    """C6."""
    kinds = {
        "new": lambda member: None,
        "invited": lambda member: accounts.invite_members([invitations._invitee(member)], actor=None),
        "account": lambda member: UserFactory(member=member),
        "address": lambda member: UserFactory(email=member.email.lower()),
        **MISSES,
    }
    seen = {}
    invitations.claim("0", "nobody@people.example")  # what is asked once a process
    for number, (kind, arrange) in enumerate(kinds.items(), 1000):
        member = MemberFactory(member_number=str(number), email=f"{number}@people.example")
        arrange(member)
        with CaptureQueriesContext(connection) as captured, counted_hashes() as hashes:
            invitations.claim("9999999" if kind == "number" else str(number), f"{number}@people.example")
        seen[kind] = (len(hashes), statements(captured))
    assert {hashes for hashes, _texts in seen.values()} == {0}
    assert {kind: texts for kind, (_hashes, texts) in seen.items() if texts != seen["new"][1]} == {}


def statements(captured):
    """Return statements without values, and without what only sets or takes back a savepoint."""
    texts = [re.sub(r"'[^']*'|\d+", "?", query["sql"])[:50] for query in captured]
    return [text for text in texts if not re.match("SAVEPOINT|RELEASE|ROLLBACK", text)]
