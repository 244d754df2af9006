"""The life of a batch: what is kept of a file, who may work on it, and that only one does."""

import io
import time

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.audit import trail
from core.errors import DomainError
from core.imports import applying, batches
from core.imports.refusals import FileRefused
from core.models import AuditEvent
from members.imports.lists import LISTS, list_of
from members.models import ImportBatch, Organization
from members.tests.import_steps import checked, csv_file
from unionops.testing.races import run_in_processes

PLACE = ("Employer", "City", "State")
ALDER = ("Alder", "Peoria", "IL")


@pytest.mark.django_db
def test_upload_keeps_the_file_under_a_name_that_says_nothing(people):
    content = csv_file([PLACE, ALDER])

    batch = batches.upload(
        content, LISTS["organizations"], file_name="C:\\lists\\Jane\u202e Roe.csv", actor=people["staff"]
    )

    batch = ImportBatch.objects.get(pk=batch.pk)
    assert batch.file_name == "Jane Roe.csv"
    assert batch.status == "uploaded"
    assert batch.uploaded_by == people["staff"]
    assert batch.file.name == f"imports/{batch.pk}.csv"
    with batches.opened(batch) as source:
        assert source.file.read() == content.getvalue()
    assert AuditEvent.objects.get().body == {"data": {"kind": "organizations"}}


@pytest.mark.django_db
def test_a_file_that_cannot_be_read_is_not_kept(people, settings):
    with pytest.raises(FileRefused):
        batches.upload(io.BytesIO(b"1,2\n"), LISTS["members"], file_name="x.csv", actor=people["staff"])
    settings.IMPORT_MAX_BYTES = 1024 * 1024
    with pytest.raises(FileRefused, match="The file is larger than 1 MB"):
        batches.upload(
            io.BytesIO(b"x" * 1024 * 1024 + b"x"), LISTS["members"], file_name="x.csv", actor=people["staff"]
        )

    assert not ImportBatch.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["officer", "organizer", "nobody"])
def test_only_those_who_may_run_imports_work_on_one(people, role):
    actor = people[role]
    batch = checked([PLACE, ALDER], actor=people["staff"])
    for attempt in (
        lambda: batches.upload(csv_file([PLACE]), LISTS["members"], file_name="x.csv", actor=actor),
        lambda: batches.look_again(batch, list_of(batch), sheet="", header_row=1, actor=actor),
        lambda: batches.match_columns(batch, list_of(batch), {"Employer": "name"}, actor=actor),
        lambda: batches.decide(batch, list_of(batch), {2: "skip"}, actor=actor),
        lambda: batches.decide_all(batch, list_of(batch), "skip", actor=actor),
        lambda: batches.discard(batch, list_of(batch), actor=actor),
    ):
        with pytest.raises(PermissionDenied):
            attempt()


@pytest.mark.django_db
def test_each_step_is_recorded_without_what_the_list_says(people):
    staff = people["staff"]
    batch = checked([PLACE, ALDER, ("Alder", "Pekin", "IL"), ("Alder", "Canton", "IL")], actor=staff)
    batches.decide(batch, list_of(batch), {3: "create", 4: ""}, actor=staff)
    batches.decide(batch, list_of(batch), {3: "create"}, actor=staff)
    batches.decide(batch, list_of(batch), {3: ""}, actor=staff)
    batches.decide_all(batch, list_of(batch), "skip", actor=staff)
    batches.discard(batch, list_of(batch), actor=staff)

    events = AuditEvent.objects.filter(stream=trail.stream_of(batch)).order_by("seq")
    assert [(event.action, event.actor, event.body.get("data")) for event in events] == [
        ("import.uploaded", staff, {"kind": "organizations"}),
        ("import.matched", staff, {"columns": 3}),
        ("import.decided", staff, {"decision": "create", "rows": 1}),
        ("import.decided", staff, {"decision": "", "rows": 1}),
        ("import.decided", staff, {"decision": "skip", "rows": 2}),
        ("import.discarded", staff, None),
    ]


@pytest.mark.django_db
def test_all_are_decided_in_pieces(people, monkeypatch):
    """No statement takes long, however many rows ask."""
    monkeypatch.setattr(batches, "PIECE", 2)
    rows = [PLACE, ALDER, *(("Alder", f"Town {number}", "IL") for number in range(5))]
    batch = checked(rows, actor=people["staff"])
    batches.decide(batch, list_of(batch), {4: "create"}, actor=people["staff"])

    with CaptureQueriesContext(connection) as queries:
        assert batches.decide_all(batch, list_of(batch), "skip", only_open=True, actor=people["staff"]) == 4

    assert list(batch.rows.order_by("number").values_list("decision", flat=True)) == [
        "",
        "skip",
        "create",
        "skip",
        "skip",
        "skip",
    ]
    updates = [item["sql"] for item in queries if item["sql"].startswith('UPDATE "members_importrow"')]
    assert len(updates) == 2


@pytest.mark.django_db
def test_a_file_that_is_gone_is_told(people):
    batch = checked([PLACE, ALDER], actor=people["staff"])
    batch.file.storage.delete(batch.file.name)

    with pytest.raises(FileRefused, match="The uploaded file is no longer kept"), batches.opened(batch):
        pass


@pytest.mark.django_db
def test_a_worker_that_was_thought_dead_cannot_finish(people):
    """Its successor has raised the version; what the first did is rolled back."""
    batch = checked([PLACE, ALDER], actor=people["staff"])
    batches.claim(batch, ("checked",), "applying")
    slow = ImportBatch.objects.get(pk=batch.pk)
    batches.claim(batch, ("applying",), "applying")

    with pytest.raises(DomainError, match="Somebody else changed this import meanwhile"):
        batches.claim(slow, ("applying",), "applied")


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_four_who_apply_at_once_one_does(people):
    staff = people["staff"]
    batch = checked([PLACE, ALDER], actor=staff)

    def press(_number):
        try:
            applying.start_apply(ImportBatch.objects.get(pk=batch.pk), list_of(batch), actor=staff, in_background=False)
        except DomainError:
            return "refused"
        return "applied"

    assert sorted(run_in_processes(press)) == ["applied", "refused", "refused", "refused"]
    assert Organization.objects.count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_the_race_is_real():
    """Look, then write: the naive claim lets several in, so the test above would see it."""
    batch = ImportBatch.objects.create(kind="organizations", status="checked", file="x", file_name="x", file_sha256="")

    def press(_number):
        found = ImportBatch.objects.get(pk=batch.pk)
        if found.status != "checked":
            return "refused"
        time.sleep(0.2)
        found.status = "applying"
        found.save()
        return "applied"

    assert run_in_processes(press).count("applied") > 1
