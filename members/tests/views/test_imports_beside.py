"""An import that is worked on in a thread of its own: what it writes is committed."""

import time

import pytest

from core.mail import jobs
from members.models import ImportBatch, Organization
from members.tests.import_pages import match, move, upload


@pytest.mark.django_db(transaction=True)
def test_a_long_list_is_worked_on_beside_the_request(client_of):
    client = client_of("staff")
    content = "Employer,City,State\n" + "".join(f"Works {number},Pekin,IL\n" for number in range(600))
    upload(client, content.encode())
    batch = ImportBatch.objects.get()

    match(client, batch)
    wait_for(batch, "checked")
    assert batch.counts == {"new": 600}
    move(client, batch, "apply")
    wait_for(batch, "applied")
    assert Organization.objects.count() == 600
    move(client, batch, "undo", reason="Rehearsal")
    wait_for(batch, "undone")
    assert not Organization.objects.alive().exists()


def wait_for(batch, status):
    for _attempt in range(300):
        batch.refresh_from_db()
        if batch.status == status and jobs.state_of(batch.pk) is None:
            return
        time.sleep(0.1)
    raise AssertionError((batch.status, batch.problem))
