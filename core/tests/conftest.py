import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.factories import UserFactory
from core.files.attaching import taken_in
from core.tests.files.samples import pdf
from core.tests.sample.models import Paper, Ticket


@pytest.fixture
def ticket(db):
    return Ticket.objects.create(title="Leaking roof", secret="the tenant is ill", amount="12.50")


@pytest.fixture
def actor(db):
    return UserFactory(first_name="Ada", last_name="Officer")


@pytest.fixture
def take_in(ticket, actor):
    """Takes a file in and saves its row."""

    def taken(content=None, name="Bill.pdf", **fields):
        upload = SimpleUploadedFile(name, pdf() if content is None else content)
        with taken_in(Paper, [upload], ticket=ticket, category="bill", added_by=actor, **fields) as rows:
            for row in rows:
                row.save()
        return rows[0]

    return taken


@pytest.fixture
def paper(take_in):
    return take_in()


@pytest.fixture
def store_away(settings):
    """From now on the place of files does not answer."""

    def away():
        options = {"BACKEND": "core.files.folder.PrivateFolder", "OPTIONS": {"location": "/proc/nowhere"}}
        settings.STORAGES = {**settings.STORAGES, "attachments": options}

    return away
