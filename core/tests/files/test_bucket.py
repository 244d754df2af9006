"""The same on an S3-compatible store: a real HTTP server, which sees nothing but sealed bytes."""

import io
from datetime import timedelta
from pathlib import Path

import boto3
import pytest
import time_machine
from django.conf import settings as portal
from django.core.files.storage import storages
from django.utils import timezone
from moto.server import ThreadedMotoServer

from core.files import store, sweeping
from core.files.sealing import sealed_size
from core.tests.sample.models import Paper

pytestmark = [pytest.mark.heavy, pytest.mark.django_db]
KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
CANARY = b"Canary of the shut-off notice. "


class Bucket:
    """A server of its own, with one bucket."""

    def __init__(self):
        self.server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
        self.server.start()
        self.port = self.server.get_host_and_port()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.client.create_bucket(Bucket="files")

    @property
    def client(self):
        return boto3.client("s3", endpoint_url=self.url, **KEYS)

    def names(self):
        return {found["Key"] for found in self.client.list_objects_v2(Bucket="files").get("Contents", [])}

    def bytes_of(self, name):
        return self.client.get_object(Bucket="files", Key=name)["Body"].read()

    def stop(self):
        self.server.stop()

    def start_again(self):
        self.server = ThreadedMotoServer(ip_address="127.0.0.1", port=self.port)
        self.server.start()


@pytest.fixture(scope="module")
def server():
    bucket = Bucket()
    yield bucket
    bucket.stop()


@pytest.fixture
def bucket(server, settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "attachments": {
            "BACKEND": "core.files.bucket.PrivateBucket",
            "OPTIONS": {
                "bucket_name": "files",
                "location": "local-46",
                "endpoint_url": server.url,
                "region_name": "us-east-1",
                "access_key": "test",
                "secret_key": "test",
                "signature_version": "s3v4",
                "addressing_style": "path",
            },
        },
    }
    return server


def test_a_file_goes_up_in_parts_comes_down_in_parts_and_is_plain_on_neither_side(bucket):
    content = CANARY * 220_000
    key = store.put(io.BytesIO(content), len(content), file_key=b"k" * 32)
    sealed = bucket.bytes_of(f"local-46/attachments/{key}")
    assert len(sealed) == sealed_size(len(content))
    assert b"Canary" not in sealed
    part = b"".join(store.read(key, len(content), file_key=b"k" * 32, start=5_242_870, end=5_242_990))
    assert part == content[5_242_870:5_242_990]
    assert b"".join(store.read(key, len(content), file_key=b"k" * 32)) == content
    kept = [path for path in Path(portal.VAR_DIR).rglob("*") if path.is_file() and CANARY in path.read_bytes()]
    assert kept == []


def test_a_row_of_a_file_is_read_from_the_bucket(bucket, take_in):
    row = take_in(CANARY)
    assert f"local-46/attachments/{row.storage_key}" in bucket.names()
    assert b"".join(row.content()) == CANARY


def test_the_sweeper_removes_what_no_row_names_once_it_is_a_day_old(bucket, take_in):
    row = take_in(CANARY)
    orphan = store.put(io.BytesIO(b"x"), 1, file_key=b"k" * 32)
    assert sweeping.sweep() == (0, 0)
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        sweeping.sweep()
    assert bucket.names() & {f"local-46/attachments/{key}" for key in (row.storage_key, orphan)} == {
        f"local-46/attachments/{row.storage_key}"
    }


def test_a_server_that_is_away_is_one_sentence_and_nothing_is_lost(bucket, take_in):
    row = take_in(CANARY)
    bucket.stop()
    for work in (lambda: take_in(b"Another one"), lambda: b"".join(row.content()), sweeping.sweep):
        with pytest.raises(store.StoreAway) as away:
            work()
        assert away.value.sentence.startswith("The place where files are kept does not answer. Nothing is lost")
    bucket.start_again()
    assert list(Paper.objects.all()) == [row]
    assert b"".join(row.content()) == CANARY


def test_no_address_of_an_object_is_given_out(bucket):
    with pytest.raises(ValueError, match="served by the portal alone"):
        storages[store.ALIAS].url("attachments/x")


class Watched(io.BytesIO):
    """A large file that asks, when its last tenth is read, how much of it has arrived."""

    def __init__(self, size, arrived):
        super().__init__(bytes(size))
        self.size, self.arrived, self.found = size, arrived, 0

    def read(self, length=-1):
        if not self.found and self.tell() > self.size * 0.9:
            self.found = self.arrived()
        return super().read(length)


def test_a_large_file_is_on_its_way_before_the_last_of_it_is_read(bucket):
    def arrived():
        upload = bucket.client.list_multipart_uploads(Bucket="files")["Uploads"][0]
        parts = bucket.client.list_parts(Bucket="files", Key=upload["Key"], UploadId=upload["UploadId"])
        return sum(part["Size"] for part in parts["Parts"])

    size = 25 * 1024 * 1024
    file = Watched(size, arrived)
    store.put(file, size, file_key=b"k" * 32)
    assert file.found >= 15 * 1024 * 1024
