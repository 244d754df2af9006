import io
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from core.files import store, sweeping

FOLDER = Path(settings.MEDIA_ROOT) / "attachments"
LATER = timedelta(days=1, minutes=1)


@pytest.fixture
def orphan(db):
    return store.put(io.BytesIO(b"x"), 1, file_key=b"k" * 32)


def names():
    return {path.name for path in FOLDER.iterdir()}


def test_what_no_row_names_goes_once_it_is_a_day_old(paper, orphan):
    with time_machine.travel(timezone.now() + LATER):
        sweeping.sweep()
    assert names() == {str(paper.storage_key), str(paper.shown_key)}


def test_what_is_younger_than_a_day_may_belong_to_a_row_that_is_being_saved(orphan):
    sweeping.sweep()
    assert str(orphan) in names()


def test_what_a_superseded_row_names_stays(paper, orphan):
    from core.files.attaching import supersede

    supersede(paper)
    with time_machine.travel(timezone.now() + LATER):
        sweeping.sweep()
    assert {str(paper.storage_key), str(paper.shown_key)} <= names()


def test_what_is_not_ours_is_left_alone(orphan):
    stranger = FOLDER / "notes-of-the-administrator.txt"
    stranger.write_text("mine")
    with time_machine.travel(timezone.now() + LATER):
        sweeping.sweep()
    assert stranger.exists()
    stranger.unlink()


@pytest.fixture
def empty_store(db, settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "attachments": {"BACKEND": "core.files.folder.PrivateFolder", "OPTIONS": {"location": tmp_path}},
    }


def test_nothing_is_removed_while_no_row_names_anything(empty_store, tmp_path):
    """The files were put back, and the database is still to be."""
    keys = [store.put(io.BytesIO(b"x"), 1, file_key=b"k" * 32) for _file in range(2)]
    with time_machine.travel(timezone.now() + LATER):
        assert sweeping.sweep() == (0, 2)
    assert {path.name for path in (tmp_path / store.FOLDER).iterdir()} == {str(key) for key in keys}


def test_an_empty_store_is_swept_too(empty_store):
    assert sweeping.sweep() == (0, 0)
