"""An address that an import, or the undo of one, wrote claims nobody at once, and whoever had it before hears of it."""

import pytest

from accounts.factories import RoleAssignmentFactory
from core.errors import DomainError
from core.imports import applying, undoing
from core.models import Outbox
from members.enums import AddressSource
from members.factories import MemberFactory
from members.imports.lists import list_of
from members.models import Member
from members.services import addresses
from members.tests.import_steps import applied

pytestmark = pytest.mark.django_db
HEAD = ("Member number", "First name", "Last name", "E-mail")
REAL, FALSE = "ann@people.example", "clerk@people.example"


@pytest.fixture
def batch(people):
    """Change Ann's address and add Bo, by a list of the office."""
    MemberFactory(member_number="7", first_name="Ann", last_name="Abel", email=REAL)
    rows = [HEAD, ("7", "Ann", "Abel", FALSE), ("8", "Bo", "Berg", "bo@people.example")]
    return applied(rows, kind="members", actor=people["staff"])


def written(number):
    member = Member.objects.get(member_number=number)
    return member.email, member.email_source, member.email_written_by, member.email_former, member.has_settled_email


def test_an_imported_address_is_new_and_the_former_one_hears_of_it(batch, people):
    assert written("7") == (FALSE, AddressSource.IMPORT, people["staff"], REAL, False)
    assert written("8") == ("bo@people.example", AddressSource.IMPORT, people["staff"], "", False)
    assert [mail.address for mail in Outbox.objects.filter(template="member_address")] == [REAL]


def test_a_first_address_of_a_record_that_was_there_is_told_to_nobody(people):
    """Age alone does not make it the member's; one that came with the record is as old as the record."""
    MemberFactory(member_number="7", first_name="Ann", last_name="Abel", email="")
    rows = [HEAD, ("7", "Ann", "Abel", FALSE), ("8", "Bo", "Berg", "bo@people.example")]
    applied(rows, kind="members", actor=people["staff"])
    assert [member.is_untold for member in Member.objects.order_by("member_number")] == [True, False]
    assert Outbox.objects.filter(template="member_address").exists() is False


def test_a_familys_mailbox_confirms_what_neither_a_list_nor_its_undo_wrote(people):
    MemberFactory(email=REAL.upper())
    MemberFactory(member_number="7", first_name="Ann", last_name="Abel", email=REAL)
    batch = applied([HEAD, ("7", "Ann", "Abel", FALSE)], kind="members", actor=people["staff"])
    member = Member.objects.get(member_number="7")
    assert member.is_untold is True
    undoing.start_undo(batch, list_of(batch), actor=people["staff"], reason="Wrong file", in_background=False)
    assert (written("7")[0], Member.objects.get(member_number="7").is_untold) == (REAL, True)
    assert [mail.address for mail in Outbox.objects.all() if "accounts/address/" in mail.body] == []


@pytest.mark.parametrize("how", ["list", "undo"])
def test_a_mailbox_that_became_a_familys_meanwhile_confirms_nothing_of_a_list(batch, people, how):
    """It was Ann's alone when the first list replaced her address."""
    MemberFactory(email=REAL.upper())
    Outbox.objects.all().delete()
    if how == "list":
        applied([HEAD, ("7", "Ann", "Abel", "third@people.example")], kind="members", actor=people["staff"])
    else:
        undoing.start_undo(batch, list_of(batch), actor=people["staff"], reason="Wrong file", in_background=False)
    member = Member.objects.get(member_number="7")
    assert (member.email_former, member.email_former_shared) == (REAL, True)
    assert [mail.address for mail in Outbox.objects.all() if "accounts/address/" in mail.body] == []


@pytest.mark.parametrize("chunk", [1, 1_000])
@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("other", [("8", "Bo", "Berg", REAL.upper()), ("9", "Cy", "Cole", REAL)])
def test_a_mailbox_that_the_same_list_gives_to_somebody_else_confirms_nothing(people, monkeypatch, other, order, chunk):
    """Whichever row comes first, and whether the other record is new."""
    monkeypatch.setattr(applying, "CHUNK", chunk)
    monkeypatch.setattr(applying.in_chunks, "__defaults__", (chunk,))
    MemberFactory(member_number="7", first_name="Ann", last_name="Abel", email=REAL)
    MemberFactory(member_number="8", first_name="Bo", last_name="Berg", email="")
    rows = [("7", "Ann", "Abel", FALSE), other][::order]
    applied([HEAD, *rows], kind="members", actor=people["staff"])
    member = Member.objects.get(member_number="7")
    assert (member.email, member.email_former, member.email_former_shared) == (FALSE, REAL, True)
    assert [mail.address for mail in Outbox.objects.all() if "accounts/address/" in mail.body] == []


def test_an_address_that_a_list_gives_back_is_nobody_elses(batch, people):
    back = [HEAD, ("7", "Ann", "Abel", REAL), ("8", "Bo", "Berg", "bo@people.example")]
    applied(back, kind="members", actor=people["staff"])
    member = Member.objects.get(member_number="7")
    assert (member.email, member.email_former, member.email_former_shared) == (REAL, REAL, False)


def test_an_undo_writes_an_address_too(batch, people):
    undoing.start_undo(batch, list_of(batch), actor=people["staff"], reason="Wrong file", in_background=False)
    assert written("7") == (REAL, AddressSource.IMPORT, people["staff"], REAL, False)
    told = {mail.address for mail in Outbox.objects.filter(template="member_address")}
    assert told == {REAL, FALSE}


def test_whoever_uploaded_the_list_does_not_vouch_for_it(batch, people):
    batch.uploaded_by = RoleAssignmentFactory(role="staff").user
    batch.save()
    member = Member.objects.get(member_number="8")
    for actor in (people["staff"], batch.uploaded_by):
        with pytest.raises(DomainError, match="You wrote this address"):
            addresses.vouch(member, actor=actor, reason="I saw them")
    assert addresses.vouch(member, actor=people["officer"], reason="I saw them").has_settled_email is True
