"""A one-time code on paper: for the member in the room, once, for seven days, with the member number."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.factories import RoleAssignmentFactory, UserFactory
from accounts.models import User
from accounts.services import confirming, invitations
from accounts.services.mailed_links import INVITATION
from core.errors import DomainError
from core.models import Outbox
from members.factories import MemberFactory
from members.models import PaperCode
from members.services import paper_codes
from members.services.members import update_member
from members.services.paper_codes import CodeRefused
from members.tests.histories import told

pytestmark = pytest.mark.django_db
OWN = "ann@own.example"
HOW = "Came to the hall with the card"


def mails():
    return [(mail.template, mail.address) for mail in Outbox.objects.order_by("created_at", "pk")]


@pytest.fixture
def ann():
    """Share a mailbox with somebody of the family."""
    MemberFactory(email="family@people.example")
    return MemberFactory(member_number="A5120", email="family@people.example")


@pytest.fixture
def code(ann, people):
    return paper_codes.print_code(ann, actor=people["staff"], reason=HOW)[1]


def test_a_code_claims_the_account_at_an_address_of_the_members_own(ann, code, people):
    user = paper_codes.claim(" a5120 ", code.lower().replace("-", " "), OWN.upper())
    assert (user.email, user.is_verified) == (OWN, False)
    assert (user.member, user.invited_by) == (ann, people["staff"])
    assert mails() == [("member_claimed", "family@people.example"), ("invitation", OWN)]
    assert [(action, name, reason) for action, name, reason, _body in told(ann)] == [
        ("member.code_printed", people["staff"].full_name, HOW),
        ("member.code_used", "", ""),
    ]
    assert code.replace("-", "") not in PaperCode.objects.get().digest
    with pytest.raises(CodeRefused):
        paper_codes.claim("A5120", code, OWN)


def test_what_is_the_members_own_rests_until_somebody_else_than_the_printer_confirms(ann, code, people, rf):
    """A clerk who prints a code and uses it opens nothing of the member's."""
    user = paper_codes.claim("A5120", code, OWN)
    accepted = invitations.accept(INVITATION.text(user), "seven quiet herons asleep", request=rf.get("/"))
    assert (User.objects.get(pk=accepted.pk).own_member_id, user.member) == (None, ann)
    RoleAssignmentFactory(user=people["staff"], role="officer")
    with pytest.raises(DomainError, match="another officer confirms it"):
        confirming.confirm(user, actor=User.objects.get(pk=people["staff"].pk))
    confirming.confirm(user, actor=people["officer"])
    assert User.objects.get(pk=user.pk).own_member_id == ann.pk
    change = user.identity_changes.earliest("pk")
    assert (change.kind, change.actor, change.member_after) == ("created", people["staff"], ann)


def dead(printed, people):
    PaperCode.objects.update(ends_at=timezone.now())


def printed_again(printed, people):
    paper_codes.print_code(printed, actor=people["staff"], reason=HOW)


def printer_left(printed, people):
    people["staff"].assignments.update(ended_at=timezone.now(), end_reason="Left")


def account_made(printed, people):
    UserFactory(member=printed)


def deceased(printed, people):
    type(printed).objects.filter(pk=printed.pk).update(status="deceased")


@pytest.mark.parametrize("arrange", [dead, printed_again, printer_left, account_made, deceased])
def test_a_code_that_does_not_count_any_more(ann, code, people, arrange):
    arrange(ann, people)
    accounts = User.objects.count()
    with pytest.raises(CodeRefused):
        paper_codes.claim("A5120", code, OWN)
    assert User.objects.count() == accounts


def test_number_and_code_have_to_fit(ann, code):
    other = MemberFactory(member_number="77")
    for number, text in ((other.member_number, code), ("A5120", code[:-1]), ("A5120", ""), ("", code)):
        with pytest.raises(CodeRefused):
            paper_codes.claim(number, text, OWN)
    assert PaperCode.objects.get().used_at is None


def test_a_taken_address_leaves_the_code_as_it_was(ann, code):
    UserFactory(email=OWN)
    with pytest.raises(DomainError, match="Another account uses this address"):
        paper_codes.claim("A5120", code, OWN)
    assert paper_codes.claim("A5120", code, "other@own.example").member == ann


def test_a_slip_in_the_address_is_mended_with_another_code(ann, code, people):
    first = paper_codes.claim("A5120", code, "slip@own.example")
    again = paper_codes.print_code(ann, actor=people["staff"], reason=HOW)[1]
    assert paper_codes.claim("A5120", again, OWN) == first
    assert mails() == [
        ("member_claimed", "family@people.example"),
        ("invitation", "slip@own.example"),
        ("member_claimed", "family@people.example"),
        ("security", "slip@own.example"),
        ("invitation", OWN),
    ]


def test_every_address_on_file_hears_that_a_code_was_used(ann, people):
    """The attack: a clerk prints the code, and chooses an address of theirs with it."""
    for email in ("own@people.example", "newer@people.example"):
        update_member(ann, {"email": email}, actor=people["staff"])
        type(ann).objects.update(email_written_at=timezone.now() - datetime.timedelta(days=8))
        ann.refresh_from_db()
    code = paper_codes.print_code(ann, actor=people["staff"], reason=HOW)[1]
    Outbox.objects.all().delete()
    paper_codes.claim("A5120", code, "clerk@people.example")
    told_of_it = [mail for mail in Outbox.objects.all() if mail.template == "member_claimed"]
    assert {mail.address for mail in told_of_it} == {"newer@people.example", ann.email_former}
    assert ["clerk@people.example" in mail.body or ann.last_name in mail.body for mail in told_of_it] == [False, False]


@pytest.mark.parametrize("is_invited", [False, True])
def test_an_address_that_no_account_can_have_is_refused_in_words(ann, code, people, is_invited):
    if is_invited:
        paper_codes.claim("A5120", code, OWN)
        code = paper_codes.print_code(ann, actor=people["staff"], reason=HOW)[1]
    with pytest.raises(DomainError):
        paper_codes.claim("A5120", code, "x" * 260 + "@own.example")
    assert paper_codes.claim("A5120", code, "other@own.example").member == ann


def test_it_ends_after_the_days_of_an_invitation(ann, people, settings):
    settings.INVITATION_DAYS = 3
    made, _text = paper_codes.print_code(ann, actor=people["staff"], reason=HOW)
    assert made.ends_at - made.printed_at == datetime.timedelta(days=3)


def test_who_prints_none(ann, people):
    own = RoleAssignmentFactory(role="staff", user__member=MemberFactory()).user
    with pytest.raises(DomainError, match="your own record"):
        paper_codes.print_code(own.member, actor=own, reason=HOW)
    twin = MemberFactory(last_name=ann.last_name, date_of_birth=ann.date_of_birth)
    alike = RoleAssignmentFactory(role="staff", user__member=twin).user
    with pytest.raises(DomainError, match="may be your own record"):
        paper_codes.print_code(ann, actor=alike, reason=HOW)
    for name in ("officer", "organizer", "member"):
        with pytest.raises(PermissionDenied):
            paper_codes.print_code(ann, actor=people[name], reason=HOW)
    with pytest.raises(ValidationError):
        paper_codes.print_code(ann, actor=people["staff"], reason=" ")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"member_number": None, "status": "represented_non_member"}, "this record has none"),
        ({"status": "deceased"}, "is not invited"),
    ],
)
def test_for_whom_none_is_printed(people, fields, sentence):
    with pytest.raises(DomainError, match=sentence):
        paper_codes.print_code(MemberFactory(**fields), actor=people["staff"], reason=HOW)


def test_whoever_has_an_account_needs_none(ann, people):
    user = UserFactory(member=ann)
    for sentence in ("has an account already", "switched off"):
        with pytest.raises(DomainError, match=sentence):
            paper_codes.print_code(ann, actor=people["staff"], reason=HOW)
        User.objects.filter(pk=user.pk).update(is_active=False)
