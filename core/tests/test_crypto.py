import base64
import uuid
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, models, transaction

from core import crypto
from core.crypto import DecryptionError, EncryptedTextField, Sealed, decrypt, encrypt
from core.tests.sample.models import Ticket

SECRET = "the tenant is ill – Überweisung № 7"
FIELD = Ticket._meta.get_field("secret")
TABLE = Ticket._meta.db_table


def stored(ticket):
    with connection.cursor() as cursor:
        key = FIELD.model._meta.pk.get_db_prep_value(ticket.pk, connection)
        cursor.execute(f"SELECT secret FROM {TABLE} WHERE id = %s", [key])
        return cursor.fetchone()[0]


def store(ticket, text):
    with connection.cursor() as cursor:
        key = FIELD.model._meta.pk.get_db_prep_value(ticket.pk, connection)
        cursor.execute(f"UPDATE {TABLE} SET secret = %s WHERE id = %s", [text, key])


@pytest.fixture
def ticket(db):
    return Ticket.objects.create(title="Leaking roof", secret=SECRET)


def test_the_database_holds_no_word_of_it_and_the_row_reads_it_back(ticket):
    version, key_id, sealed = stored(ticket).split(".")
    assert (version, key_id) == ("v1", "test1")
    assert len(base64.b64decode(sealed)) == 12 + len(SECRET.encode()) + 16
    assert ticket.secret == Ticket.objects.get().secret == SECRET


def test_the_same_text_is_never_the_same_ciphertext(ticket):
    first = stored(ticket)
    ticket.save()
    assert stored(ticket) != first
    assert Ticket.objects.get().secret == SECRET


@pytest.mark.parametrize("text", ["", "x", "\n", "😀" * 2000])
def test_every_text_comes_back(ticket, text):
    ticket.secret = text
    ticket.save()
    assert Ticket.objects.get().secret == text
    assert bool(stored(ticket)) == bool(text)


def test_a_row_that_nobody_reads_is_never_decrypted(ticket, settings):
    settings.FIELD_KEYS = {"other": b"O" * 32}
    found = Ticket.objects.get()
    found.title = "Roof mended"
    before = stored(ticket)
    found.save()
    assert (stored(ticket), Ticket.objects.values_list("title", flat=True).get()) == (before, "Roof mended")
    with pytest.raises(DecryptionError):
        found.secret  # noqa: B018


def test_deferred_and_refreshed(ticket):
    assert Ticket.objects.defer("secret").get().secret == SECRET
    assert Ticket.objects.only("secret").get().secret == SECRET
    found = Ticket.objects.get()
    found.secret = "changed"
    found.refresh_from_db()
    assert found.secret == SECRET


def test_values_are_ciphertext(ticket):
    assert isinstance(Ticket.objects.values_list("secret", flat=True).get(), Sealed)
    assert SECRET not in str(Ticket.objects.values().get())


def test_a_ciphertext_opens_only_in_its_own_row(ticket):
    other = Ticket.objects.create(title="Other", secret="other text")
    store(other, stored(ticket))
    with pytest.raises(DecryptionError):
        Ticket.objects.get(pk=other.pk).secret  # noqa: B018


@pytest.mark.parametrize(
    "binding", ["sample.Ticket.notes:7", "sample.Other.secret:7", "sample.Ticket.secret:8", "", "sample.Ticket.secret:"]
)
def test_a_ciphertext_opens_only_in_its_own_model_and_field(binding):
    sealed = encrypt("text", binding="sample.Ticket.secret:7")
    assert decrypt(sealed, binding="sample.Ticket.secret:7") == "text"
    with pytest.raises(DecryptionError):
        decrypt(sealed, binding=binding)


def test_every_changed_byte_is_noticed(ticket):
    sealed = stored(ticket)
    raw = bytearray(base64.b64decode(sealed.split(".")[2]))
    for position in range(len(raw)):
        changed = bytearray(raw)
        changed[position] ^= 1
        store(ticket, "v1.test1." + base64.b64encode(changed).decode())
        with pytest.raises(DecryptionError):
            Ticket.objects.get().secret  # noqa: B018


@pytest.mark.parametrize(
    "text",
    ["plain text", "v1", "v1.test1", "v1.test1.", "v1.test1.!!!!", "v1.test1.AAAA", "v2.test1.AAAA", "v1.gone.AAAA"],
)
def test_what_is_not_a_ciphertext_is_never_shown(ticket, text):
    store(ticket, text)
    with pytest.raises(DecryptionError):
        Ticket.objects.get().secret  # noqa: B018


def test_the_key_id_is_bound_too(settings):
    settings.FIELD_KEYS = {"a": b"K" * 32, "b": b"K" * 32}
    sealed = encrypt("text", binding="row")
    with pytest.raises(DecryptionError):
        decrypt(sealed.replace("v1.b.", "v1.a."), binding="row")


def test_an_error_names_the_row_and_not_the_text(ticket, settings):
    settings.FIELD_KEYS = {"test1": b"W" * 32}
    with pytest.raises(DecryptionError) as refused:
        Ticket.objects.get().secret  # noqa: B018
    assert str(refused.value) == f"sample.Ticket.secret:{ticket.pk} cannot be decrypted"


@pytest.mark.parametrize("query", [{"secret": SECRET}, {"secret__contains": "ill"}, {"secret__in": [SECRET]}])
def test_it_cannot_be_searched(ticket, query):
    with pytest.raises(TypeError):
        list(Ticket.objects.filter(**query))


def test_it_cannot_be_updated_past_save(ticket):
    with pytest.raises(TypeError), transaction.atomic():
        Ticket.objects.update(secret="plain")
    assert Ticket.objects.get().secret == SECRET


def test_bulk_create_encrypts_and_null_can_be_asked(db):
    Ticket.objects.bulk_create([Ticket(title="A", secret="one"), Ticket(title="B", secret="two")])
    assert [ticket.secret for ticket in Ticket.objects.order_by("title")] == ["one", "two"]
    assert all(stored(ticket).startswith("v1.") for ticket in Ticket.objects.all())
    assert Ticket.objects.filter(secret__isnull=False).count() == 2


def test_a_model_whose_key_comes_from_the_database_is_refused():
    class Numbered(models.Model):
        secret = EncryptedTextField()

        class Meta:
            app_label = "throwaway"

    assert [error.id for error in Numbered._meta.get_field("secret").check()] == ["core.E010"]
    assert [error.id for error in FIELD.check()] == []


def test_rotation_moves_everything_to_the_newest_key_and_the_old_key_may_go(ticket, settings):
    Ticket.objects.bulk_create(
        [Ticket(id=uuid.UUID(int=number), title=f"T{number}", secret=f"text {number}") for number in range(1, 8)]
    )
    Ticket.objects.create(title="empty")
    texts = {row.pk: row.secret for row in Ticket.objects.all()}
    settings.FIELD_KEYS = {**settings.FIELD_KEYS, "new2": b"N" * 32}
    assert Ticket.objects.get(pk=ticket.pk).secret == SECRET
    first, second = StringIO(), StringIO()
    call_command("rotate_field_keys", stdout=first)
    call_command("rotate_field_keys", stdout=second)
    assert "sample.Ticket.secret: 8 values moved to key new2." in first.getvalue()
    assert "sample.Ticket.secret: 0 values moved to key new2." in second.getvalue()
    settings.FIELD_KEYS = {"new2": b"N" * 32}
    assert {row.pk: row.secret for row in Ticket.objects.all()} == texts


def test_rotation_stops_at_a_value_it_cannot_read(ticket, settings):
    settings.FIELD_KEYS = {"new2": b"N" * 32}
    with pytest.raises(DecryptionError):
        call_command("rotate_field_keys", stdout=StringIO())
    assert crypto.key_id_of(stored(ticket)) == "test1"


def test_rotation_leaves_a_row_saved_meanwhile_to_its_writer(ticket, settings):
    from core.management.commands.rotate_field_keys import _move

    old = stored(ticket)
    ticket.secret = "newer text"
    ticket.save()
    settings.FIELD_KEYS = {**settings.FIELD_KEYS, "new2": b"N" * 32}
    assert _move(Ticket, FIELD, ticket.pk, old) == 0
    assert Ticket.objects.get().secret == "newer text"


# --- looking up what is encrypted -------------------------------------------------------------------


def test_an_index_is_the_same_for_the_same_text_only(settings):
    first, again, other = (crypto.blind_index(text, purpose="a") for text in ("104233", "104233", "104234"))
    assert first == again
    assert first != other
    assert "104233" not in first
    assert crypto.blind_index("104233", purpose="b") != first


def test_an_index_under_an_older_key_is_still_found(settings):
    old = crypto.blind_index("104233", purpose="a")
    settings.FIELD_KEYS = {**settings.FIELD_KEYS, "new1": b"n" * 32}
    assert crypto.blind_index("104233", purpose="a").startswith("new1.")
    assert crypto.blind_indexes(["104233"], purpose="a") == [old, crypto.blind_index("104233", purpose="a")]
