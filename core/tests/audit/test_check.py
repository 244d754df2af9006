"""The tamper battery: whatever is done to the tables, `verify_audit` names the row."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import F

from accounts.factories import UserFactory
from core.audit import trail
from core.audit.check import verify
from core.db import triggers
from core.models import AuditEvent, AuditHead
from core.tests.audit.streams import two_streams
from core.tests.sample.models import Ticket

pytestmark = pytest.mark.django_db
CHANGED = "the row was changed after it was written."


@pytest.fixture(scope="module")
def whole(django_db_setup, django_db_blocker):
    """Seal two streams; return them and the digest of the day.

    The triggers are lifted, as an owner of the tables could: once, since to drop them costs more than all else here.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        streams = two_streams(UserFactory(first_name="Ada", last_name="Officer"))
        verdict = verify()
        assert (verdict.events, verdict.streams, verdict.faults) == (10, 2, [])
        triggers.remove(connection)
        yield streams, verdict.digest
        transaction.set_rollback(True)


def event(stream, seq):
    return AuditEvent.objects.get(stream=stream, seq=seq)


def tamper(found, **values):
    AuditEvent.objects.filter(pk=found.pk).update(**values)


def place(found):
    return f"stream {found.stream}, row {found.seq} (id {found.pk}): "


EDITS = {
    "id": lambda found: found.pk + 1000,
    "at": lambda found: found.at + timedelta(microseconds=1),
    "actor_id": lambda found: UserFactory().pk,
    "actor_name": lambda found: "Somebody Else",
    "action": lambda found: "deleted",
    "subject_type": lambda found: "members.member",
    "subject_id": lambda found: "7",
    "reason": lambda found: "",
    "body": lambda found: {"data": {"step": "9"}},
    "request_id": lambda found: "other",
    "previous_mac": lambda found: "0" * 64,
    "mac": lambda found: "0" * 64,
}
MOVES = {"stream", "seq", "key_id"}


def test_every_column_is_in_the_battery():
    assert {*EDITS, *MOVES} == {field.attname for field in AuditEvent._meta.concrete_fields}


@pytest.mark.parametrize("seq", [1, 3, 5])
@pytest.mark.parametrize("column", EDITS)
def test_an_edited_column_is_named(whole, column, seq):
    (stream, _other), _digest = whole
    found = event(stream, seq)
    value = EDITS[column](found)
    tamper(found, **{column: value})
    where = place(found).replace(f"(id {found.pk})", f"(id {value})") if column == "id" else place(found)
    assert verify().faults == [where + CHANGED]


def test_an_unknown_key_is_named(whole):
    (stream, _other), _digest = whole
    found = event(stream, 2)
    tamper(found, key_id="mine")
    assert verify().faults == [place(found) + "signed with the unknown key “mine”."]


def test_another_known_key_is_named(whole, settings):
    (stream, _other), _digest = whole
    settings.AUDIT_KEYS = {**settings.AUDIT_KEYS, "new2": b"N" * 32}
    found = event(stream, 2)
    tamper(found, key_id="new2")
    assert verify().faults == [place(found) + CHANGED]


def test_a_new_key_leaves_older_rows_whole(whole, settings, actor):
    settings.AUDIT_KEYS = {**settings.AUDIT_KEYS, "new2": b"N" * 32}
    with transaction.atomic():
        trail.record(Ticket.objects.first(), "changed", actor=actor)
    assert AuditEvent.objects.latest("id").key_id == "new2"
    assert verify(known_digest=whole[1]).faults == []


@pytest.mark.parametrize(("seq", "next_seq"), [(1, 2), (3, 4)])
def test_a_deleted_row_is_named(whole, seq, next_seq):
    (stream, _other), _digest = whole
    after = event(stream, next_seq)
    event(stream, seq).delete()
    assert verify().faults == [place(after) + f"row {seq} before it is missing."]


def test_a_deleted_last_row_is_named(whole):
    (stream, _other), _digest = whole
    event(stream, 5).delete()
    assert verify().faults == [f"stream {stream}: it ends at row 4, but row 5 was written last."]


def test_a_stream_without_rows_is_named(whole):
    (stream, _other), _digest = whole
    AuditEvent.objects.filter(stream=stream).delete()
    assert verify().faults == [f"stream {stream}: all its 5 rows are missing."]


def test_a_removed_end_is_named(whole):
    (stream, _other), _digest = whole
    AuditHead.objects.filter(stream=stream).delete()
    assert verify().faults == [f"stream {stream}: its end is not on record."]


def test_a_tail_cut_together_with_its_end_shows_against_the_digest_only(whole):
    _streams, digest = whole
    last = AuditEvent.objects.latest("id")
    last.delete()
    kept = AuditEvent.objects.filter(stream=last.stream).latest("seq")
    AuditHead.objects.filter(stream=last.stream).update(seq=kept.seq, mac=kept.mac)
    assert verify().faults == []
    newest = AuditEvent.objects.latest("id")
    sentence = f"1 rows recorded before the digest are missing; the newest left of that time is {newest}."
    assert verify(known_digest=digest).faults == [sentence]


def test_an_older_backup_shows_against_the_digest(whole):
    streams, digest = whole
    AuditEvent.objects.filter(seq__gt=3).delete()
    for stream in streams:
        AuditHead.objects.filter(stream=stream).update(seq=3, mac=event(stream, 3).mac)
    newest = AuditEvent.objects.latest("id")
    assert verify().faults == []
    assert verify(known_digest=digest).faults == [
        f"4 rows recorded before the digest are missing; the newest left of that time is {newest}."
    ]


def test_a_whole_stream_gone_with_its_end_shows_against_the_digest(whole):
    (stream, _other), digest = whole
    AuditEvent.objects.filter(stream=stream).delete()
    AuditHead.objects.filter(stream=stream).delete()
    assert verify().faults == []
    assert [fault.split(" rows")[0] for fault in verify(known_digest=digest).faults] == ["5"]


def forge(stream, actor_name):
    """Write a row that continues the chain, signed with a key of the forger's own."""
    last = AuditEvent.objects.filter(stream=stream).latest("seq")
    values = {name: getattr(last, name) for name in trail.SIGNED}
    values |= {"id": last.pk + 500, "seq": last.seq + 1, "previous_mac": last.mac, "actor_name": actor_name}
    return values


def test_a_forged_row_is_named(whole, settings):
    (stream, _other), _digest = whole
    values = forge(stream, "Nobody")
    keys = settings.AUDIT_KEYS
    settings.AUDIT_KEYS = {"test1": b"F" * 32}
    forged = AuditEvent.objects.create(**values, mac=trail.mac_of(values))
    settings.AUDIT_KEYS = keys
    AuditHead.objects.filter(stream=stream).update(seq=forged.seq, mac=forged.mac)
    assert verify().faults == [place(forged) + CHANGED]


def test_a_copied_row_is_named(whole):
    (stream, _other), _digest = whole
    values = forge(stream, "Ada Officer")
    copied = AuditEvent.objects.create(**values, mac=event(stream, 5).mac)
    AuditHead.objects.filter(stream=stream).update(seq=copied.seq, mac=copied.mac)
    assert verify().faults == [place(copied) + CHANGED]


def test_reordered_rows_are_named(whole):
    (stream, _other), _digest = whole
    second, third = event(stream, 2), event(stream, 3)
    tamper(second, seq=99)
    tamper(third, seq=2)
    tamper(second, seq=3)
    assert verify().faults == [f"stream {stream}, row 2 (id {third.pk}): " + CHANGED]


def test_a_row_moved_along_its_stream_leaves_a_gap(whole):
    (stream, _other), _digest = whole
    tamper(event(stream, 3), seq=30)
    assert verify().faults == [place(event(stream, 4)) + "row 3 before it is missing."]


def test_a_row_moved_to_another_stream_breaks_both(whole):
    (stream, _other), _digest = whole
    found, after = event(stream, 3), event(stream, 4)
    tamper(found, stream="zz:1")
    assert verify().faults == [
        place(after) + "row 3 before it is missing.",
        f"stream zz:1, row 3 (id {found.pk}): " + CHANGED,
    ]


def test_swapped_streams_are_named(whole):
    (one, other), _digest = whole
    for old, new in ((one, "between"), (other, one), ("between", other)):
        AuditEvent.objects.filter(stream=old).update(stream=new)
    assert sorted(fault.split(": ", 1)[1] for fault in verify().faults) == [CHANGED, CHANGED]
    assert [fault.split(" (id")[0] for fault in verify().faults] == sorted(
        f"stream {stream}, row 1" for stream in (one, other)
    )


def test_rewriting_rows_of_that_day_shows_against_the_digest(whole, actor):
    _streams, digest = whole
    AuditEvent.objects.all().delete()
    AuditHead.objects.update(seq=0, mac="")
    with transaction.atomic():
        for ticket in Ticket.objects.order_by("pk"):
            trail.record_many([trail.Entry(ticket, "changed")] * 5, actor=actor)
    AuditEvent.objects.update(id=F("id") + 0)
    assert verify().faults == []
    assert len(verify(known_digest=digest).faults) == 1


@pytest.mark.parametrize("digest", ["nonsense", "1:2", "x:1:abc"])
def test_a_digest_that_is_none(whole, digest):
    assert verify(known_digest=digest).faults == ["The digest given is not one that verify_audit printed."]


def test_the_command_names_the_row_and_exits_1(whole, capsys):
    (stream, _other), _digest = whole
    digest = verify().digest  # it counts ids that were drawn and given up since, as those of other tests
    triggers.install(connection)
    call_command("verify_audit", digest=digest)
    assert capsys.readouterr().out.splitlines() == [
        "10 events in 2 streams.",
        f"digest {digest}",
        "The audit trail is whole. Keep the digest outside this machine.",
    ]
    found = event(stream, 3)
    triggers.remove(connection)
    tamper(found, reason="Nothing happened")
    triggers.install(connection)
    with pytest.raises(CommandError) as refused:
        call_command("verify_audit")
    assert refused.value.returncode == 1
    assert capsys.readouterr().err.splitlines() == [place(found) + CHANGED]


def test_the_command_names_a_missing_trigger(whole, capsys):
    with pytest.raises(CommandError):
        call_command("verify_audit")
    told = capsys.readouterr().err.splitlines()
    names = triggers.missing(connection)
    assert len(names) >= 4
    assert told == [f"The trigger {name} is missing: rows could be changed. Run migrate." for name in names]


def test_a_name_longer_than_its_column_is_cut(ticket):
    person = UserFactory(first_name="A" * 100, last_name="B" * 100)
    with transaction.atomic():
        assert trail.record(ticket, "changed", actor=person).actor_name == "A" * 100 + " " + "B" * 99
    assert verify().faults == []


def test_progress_is_told(whole):
    told = []
    verify(on_progress=told.append)
    assert told == list(range(1, 11))
