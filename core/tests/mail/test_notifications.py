"""What goes into the outbox: rendered, encrypted, once for a key, with the change that it tells of."""

import pytest
from django.db import connection, transaction

from core.mail.notifications import render, send, send_many
from core.models import Outbox
from core.site import change_settings


def put(**more) -> None:
    with transaction.atomic():
        send("ann@people.example", "test", {"person": "Ann <Reyes> & Sons"}, **more)


def test_a_mail_is_rendered_as_plain_text_with_the_local_and_the_portals_address(db, settings):
    settings.PORTAL_URL = "https://portal.example"
    change_settings({"name": "Local 46", "number": "46"}, actor=None)
    put()
    mail = Outbox.objects.get()
    assert mail.address == "ann@people.example"
    assert mail.template == "test"
    assert mail.state == "waiting"
    assert mail.tries == 0
    assert mail.subject == "Test mail from the portal"
    assert "Ann <Reyes> & Sons" in mail.body
    assert mail.body.endswith(
        "-- \nLocal 46 46\nhttps://portal.example/\n"
        "The portal sent this mail by itself. Please do not answer it; ask the office instead.\n"
    )


def test_the_subject_is_one_line_whatever_is_in_it(db):
    subject, body = render("test", {"person": "Ann\nBcc: everybody@people.example"})
    assert "\n" not in subject
    assert "Ann" in body


def test_what_is_stored_is_unreadable_without_the_key(db):
    put(key="reset:ann@people.example")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM core_outbox")
        stored = str(cursor.fetchall())
    assert "Reyes" not in stored
    assert "people.example" not in stored


def test_a_key_is_mailed_once_and_no_key_always(db):
    for key in ("a", "a", "b", "", ""):
        put(key=key)
    assert Outbox.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_a_mail_stands_or_falls_with_its_change():
    with pytest.raises(RuntimeError, match="needs the transaction"):
        send("ann@people.example", "test", {})
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        send("ann@people.example", "test", {})
        raise ZeroDivisionError
    assert not Outbox.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_many_mails_cost_as_many_statements_as_one(db, count, django_assert_num_queries):
    mails = [(f"{number}@people.example", {"person": f"Person {number}"}) for number in range(count)]
    with transaction.atomic(), django_assert_num_queries(2):
        send_many("test", mails)
    found = sorted((mail.address, mail.body.split(" asked")[0]) for mail in Outbox.objects.all())
    assert found == [(address, context["person"]) for address, context in mails]


@pytest.mark.django_db(transaction=True)
def test_many_mails_need_the_transaction_too():
    with pytest.raises(RuntimeError):
        send_many("test", [])
