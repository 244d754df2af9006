from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from core.tests.sample.models import Paper

FOLDER = Path(settings.MEDIA_ROOT) / "attachments"


def checked():
    out, err = StringIO(), StringIO()
    try:
        call_command("check_files", stdout=out, stderr=err)
    except CommandError as error:
        return err.getvalue().split("\n")[:-1], str(error)
    return out.getvalue()


def test_whole_files_are_counted(paper):
    assert checked() == "1 file is as it was sent.\n"


def test_a_file_that_is_gone_or_changed_is_named(take_in):
    gone, changed, whole = take_in(b"one"), take_in(b"two"), take_in(b"three")
    (FOLDER / str(gone.storage_key)).unlink()
    (FOLDER / str(changed.storage_key)).write_bytes((FOLDER / str(whole.storage_key)).read_bytes())
    faults, sentence = checked()
    assert set(faults) == {f"sample.Paper {gone.pk}", f"sample.Paper {changed.pk}"}
    assert sentence == "Files are missing or changed. Keep this output, and restore them from a backup."


def test_files_are_read_under_a_new_key_and_without_the_old_one(paper, settings):
    content = b"".join(paper.content())
    settings.FIELD_KEYS = {**settings.FIELD_KEYS, "new2": b"N" * 32}
    call_command("rotate_field_keys", stdout=StringIO())
    settings.FIELD_KEYS = {"new2": b"N" * 32}
    row = Paper.objects.get()
    assert (row.name, b"".join(row.content())) == ("Bill.pdf", content)


def test_without_its_key_a_file_counts_as_changed(paper, settings):
    settings.FIELD_KEYS = {"other": b"O" * 32}
    with pytest.raises(CommandError):
        call_command("check_files", stderr=StringIO())
