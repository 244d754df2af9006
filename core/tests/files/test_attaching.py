"""What is taken in, how it is kept, and that nothing of it stands anywhere in plain."""

import io
import re
import uuid
from hashlib import sha256
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from PIL import Image

from core.crypto import DecryptionError
from core.errors import DomainError
from core.files import attaching, store
from core.files.attaching import storing_first, taken_each, taken_in
from core.files.drawing import one_document
from core.files.kinds import FileRefused
from core.tests.files.hostile import png_of
from core.tests.files.noting import noted_in, stored_in, transactions
from core.tests.files.samples import ACCEPTED, office, pdf, photo, picture
from core.tests.sample.models import Paper

FOLDER = Path(settings.MEDIA_ROOT) / "attachments"


def objects():
    return {path.name for path in FOLDER.iterdir()} if FOLDER.exists() else set()


@pytest.mark.parametrize("content_type", ACCEPTED)
def test_what_is_accepted_comes_back_as_it_was(take_in, content_type):
    content = ACCEPTED[content_type]()
    row = Paper.objects.get(pk=take_in(content).pk)
    assert (row.content_type, row.size, row.sha256) == (content_type, len(content), sha256(content).hexdigest())
    assert b"".join(row.content()) == content


def test_the_content_is_kept_under_a_name_that_we_made(take_in):
    before = objects()
    row = take_in(name="../../Eviction of Ada.pdf")
    assert objects() - before == {str(row.storage_key), str(row.shown_key)}


def test_no_part_of_the_content_or_its_name_stands_in_plain(take_in):
    secret = b"Canary-" + uuid.uuid4().hex.encode()
    row = take_in(b"Words of the landlord: " + secret, "Canary name.txt")
    sealed = (FOLDER / str(row.storage_key)).read_bytes()
    assert secret not in sealed
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {Paper._meta.db_table}")
        assert "Canary" not in repr(cursor.fetchall())


def test_what_was_changed_cut_or_swapped_in_the_store_is_not_handed_out(take_in):
    row, other = take_in(b"a" * 200_000), take_in(b"b" * 200_000)
    place = FOLDER / str(row.storage_key)
    good = place.read_bytes()
    chunk = 64 * 1024 + 16
    changed = [
        good[:-1] + bytes([good[-1] ^ 1]),
        good[: 3 * chunk],
        good[chunk : 2 * chunk] + good[:chunk] + good[2 * chunk :],
        (FOLDER / str(other.storage_key)).read_bytes(),
        b"",
    ]
    for content in changed:
        place.write_bytes(content)
        with pytest.raises(DecryptionError):
            b"".join(row.content())
    place.write_bytes(good)
    assert b"".join(row.content()) == b"a" * 200_000


@pytest.mark.parametrize(
    ("start", "end"), [(0, 1), (65_535, 65_537), (65_536, 131_072), (199_999, 200_000), (5, 199_990)]
)
def test_a_part_is_read_by_itself(take_in, start, end):
    content = bytes(range(250)) * 800
    text = content.translate(bytes(97 + number % 26 for number in range(256)))
    assert b"".join(take_in(text).content(start, end)) == text[start:end]


def test_a_refused_file_among_several_leaves_none_of_them(ticket, actor):
    before = objects()
    files = [SimpleUploadedFile("a.pdf", pdf()), SimpleUploadedFile("b.html", b"<html>")]
    with pytest.raises(FileRefused), taken_in(Paper, files, ticket=ticket, category="bill", added_by=actor):
        pytest.fail("taken in")
    assert objects() == before


def test_whatever_fails_after_the_content_was_stored_leaves_none_of_it(ticket, actor):
    before = objects()
    files = [SimpleUploadedFile("a.pdf", pdf())]
    with pytest.raises(ValidationError), taken_in(Paper, files, ticket=ticket, category="", added_by=actor) as rows:
        rows[0].full_clean()
    assert objects() == before


def test_a_file_above_the_limit_is_refused(take_in, settings):
    settings.FILE_MAX_BYTES = 1_000
    with pytest.raises(FileRefused) as refused:
        take_in(b"a" * 1_001)
    assert refused.value.sentence == (
        "This file is larger than 1000\xa0bytes. Send its pages one by one, or a smaller copy."
    )


def test_a_picture_with_too_many_pixels_is_refused(take_in):
    with pytest.raises(FileRefused) as refused:
        take_in(png_of(50_000, 50_000))
    assert refused.value.sentence == (
        "This picture has more than 64 million pixels. Make it smaller, or take a photo of it."
    )


def shown_of(row):
    return Image.open(io.BytesIO(b"".join(row.shown())))


def test_a_photo_is_shown_upright_and_without_what_the_phone_wrote_into_it(take_in):
    row = take_in(photo(orientation=6))
    data = b"".join(row.shown())
    assert shown_of(row).size == (40, 80)
    assert dict(shown_of(row).getexif()) == {}
    assert b"anary" not in data


def test_the_original_of_a_photo_is_kept_with_all_that_is_in_it(take_in):
    assert b"".join(take_in(photo()).content()) == photo()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_way_to_hold_a_phone_is_turned_upright(orientation):
    """The blue half of a photo that is held the usual way is at the left."""
    from core.files.draw import picture as draw

    turned = Image.open(io.BytesIO(draw(photo(orientation), "JPEG", 10_000, {})))
    side = {1: "left", 2: "right", 3: "right", 4: "left", 5: "top", 6: "top", 7: "bottom", 8: "bottom"}[orientation]
    width, height = turned.size
    place = {"left": (5, height // 2), "right": (width - 5, height // 2), "top": (width // 2, 5)}.get(
        side, (width // 2, height - 5)
    )
    red, _green, blue = turned.getpixel(place)
    assert blue > red


def test_a_pdf_shows_its_first_page(take_in):
    width, height = shown_of(take_in(pdf(pages=3))).size
    assert (width, height) == (1100, 1424)


def test_a_word_file_shows_nothing(take_in):
    row = take_in(office())
    assert not row.has_preview


def test_photos_make_one_pdf_with_a_page_each(take_in):
    rows = [take_in(photo()), take_in(picture("PNG"))]
    document = one_document(row.shown() for row in rows)
    assert len(re.findall(rb"/Type /Page\b", document)) == 2
    assert b"anary" not in document


def test_a_file_is_superseded_once(paper, take_in):
    newer = take_in(b"The newer notice")
    attaching.supersede(paper, by=newer)
    assert list(Paper.objects.current()) == [newer]
    with pytest.raises(DomainError):
        attaching.supersede(paper)


def test_a_store_that_is_full_or_away_is_one_sentence_and_leaves_nothing(take_in, store_away):
    store_away()
    with pytest.raises(store.StoreAway) as away:
        take_in()
    assert away.value.sentence == (
        "The place where files are kept does not answer. Nothing is lost: try again in a few minutes, "
        "and tell who looks after the portal if it goes on."
    )
    assert list(Paper.objects.all()) == []


def two_files():
    return [SimpleUploadedFile(f"{number}.txt", b"Notice %d" % number) for number in range(2)]


def saving(ticket, actor, files, *, ends=None):
    """Work of one transaction that saves a row for each file and then may end otherwise than well."""
    fields = {"ticket": ticket, "category": "bill", "added_by": actor}

    def work():
        with transaction.atomic():
            with taken_each(Paper, files, lambda _row: None, **fields) as (fresh, added):
                for row in fresh:
                    row.save()
            if ends:
                ends()
            return added

    return work


def fail():
    raise ZeroDivisionError


def test_what_a_transaction_would_store_is_stored_before_it(ticket, actor, tmp_path, settings):
    noted = noted_in(tmp_path, settings)
    work = saving(ticket, actor, two_files())
    storing_first(work)
    assert noted == [transactions()] * 2
    assert stored_in(tmp_path) == {str(row.storage_key) for row in Paper.objects.all()}
    assert Paper.objects.count() == 2
    work()  # without the help, as a control
    assert noted[2:] == [transactions() + 1] * 2


def test_a_refused_file_hinders_no_other_when_they_are_stored_first(ticket, actor, tmp_path, settings):
    noted_in(tmp_path, settings)
    files = [SimpleUploadedFile("a.html", b"<html>"), *two_files()]
    added = storing_first(saving(ticket, actor, files))
    assert [name for name, _error in added.refused] == ["a.html"]
    assert stored_in(tmp_path) == {str(row.storage_key) for row in added.kept}


def test_work_that_fails_after_its_files_were_stored_first_leaves_none(ticket, actor, tmp_path, settings):
    noted = noted_in(tmp_path, settings)
    with pytest.raises(ZeroDivisionError):
        storing_first(saving(ticket, actor, two_files(), ends=fail))
    assert (len(noted), stored_in(tmp_path), Paper.objects.count()) == (2, set(), 0)


def test_files_that_another_request_made_a_row_of_meanwhile_are_not_left(ticket, actor, tmp_path, settings):
    noted = noted_in(tmp_path, settings)
    asks = saving(ticket, actor, two_files())
    turns = iter([asks])

    def work():
        return next(turns, lambda: "made already")()

    assert storing_first(work) == "made already"
    assert (len(noted), stored_in(tmp_path), Paper.objects.count()) == (2, set(), 0)
