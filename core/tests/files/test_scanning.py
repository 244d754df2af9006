"""The virus scanner: a file is held until it is clean. What answers here is a server that speaks clamd's protocol."""

import base64
import logging
import socketserver
import threading
import uuid

import pytest

from core.files import scanning
from core.files.enums import FileState
from core.tests.sample.models import Paper

MARK, SLOW = b"HARMFUL", b"SLOW"
LONGEST = 2_000_000


class Clamd(socketserver.BaseRequestHandler):
    """Says FOUND of what holds MARK and nothing of what holds SLOW, and that it cannot look at a million bytes.

    In the midst of what is longer than LONGEST it closes the line.
    """

    def handle(self):
        content = b""
        assert self.taken(10) == b"zINSTREAM\0"
        while length := int.from_bytes(self.taken(4), "big"):
            content += self.taken(length)
            if len(content) > LONGEST:
                return
        self.server.seen.append(content)
        if SLOW in content:
            self.server.is_over.wait()
            return
        if len(content) > 1_000_000:
            self.request.sendall(b"INSTREAM size limit exceeded. ERROR\0")
        else:
            self.request.sendall(b"stream: Eicar-Test FOUND\0" if MARK in content else b"stream: OK\0")

    def taken(self, length):
        data = b""
        while len(data) < length:
            data += self.request.recv(length - len(data))
        return data


@pytest.fixture
def clamd(settings):
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Clamd) as server:
        server.seen, server.is_over = [], threading.Event()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.CLAMD = f"127.0.0.1:{server.server_address[1]}"
        yield server
        server.is_over.set()
        server.shutdown()


def mark_infected(row):
    Paper.objects.filter(pk=row.pk).update(state=FileState.INFECTED)


def states():
    return {row.sha256: row.state for row in Paper.objects.all()}


def test_without_the_setting_nothing_waits(paper):
    assert paper.state == FileState.CLEAN


def test_a_file_is_held_until_the_scanner_has_seen_all_of_it(clamd, take_in):
    row = take_in(b"A notice " * 10_000)
    assert row.state == FileState.HELD
    assert scanning.scan_held({Paper: mark_infected}) == scanning.Scanned(clean=1, failed=0)
    assert states() == {row.sha256: FileState.CLEAN}
    assert clamd.seen == [b"A notice " * 10_000]


def test_what_the_scanner_finds_is_never_clean(clamd, take_in):
    row, good = take_in(MARK), take_in(b"A notice")
    assert scanning.scan_held({Paper: mark_infected}) == scanning.Scanned(clean=1, failed=0)
    assert states() == {row.sha256: FileState.INFECTED, good.sha256: FileState.CLEAN}


def test_a_file_that_the_scanner_cannot_look_at_stays_held_and_keeps_no_other(clamd, take_in):
    row, good = take_in(b"long " * 300_000), take_in(b"A notice")
    assert scanning.scan_held({Paper: mark_infected}) == scanning.Scanned(clean=1, failed=0)
    assert states() == {row.sha256: FileState.HELD, good.sha256: FileState.CLEAN}


def test_a_file_at_which_the_scanner_closes_the_line_stays_held_and_keeps_no_other(clamd, take_in):
    row, good = take_in(b"long " * 1_000_000), take_in(b"A notice")
    assert scanning.scan_held({Paper: mark_infected}) == scanning.Scanned(clean=1, failed=0)
    assert states() == {row.sha256: FileState.HELD, good.sha256: FileState.CLEAN}


def take_too_long(row, monkeypatch):
    monkeypatch.setattr(scanning, "SECONDS", 0.2)


def lose(row, monkeypatch):
    Paper.objects.filter(pk=row.pk).update(storage_key=uuid.uuid4())


def spoil(row, monkeypatch):
    row.file_key = base64.b64encode(b"k" * 32).decode()
    row.save(update_fields=["file_key"])


@pytest.mark.parametrize("happens", [take_too_long, lose, spoil])
def test_a_file_that_fails_stays_held_and_keeps_no_other(clamd, take_in, happens, monkeypatch, caplog):
    row, good = take_in(SLOW), take_in(b"A notice")
    happens(row, monkeypatch)
    with caplog.at_level(logging.ERROR, "unionops.files"):
        assert scanning.scan_held({Paper: mark_infected}) == scanning.Scanned(clean=1, failed=1)
    assert states() == {row.sha256: FileState.HELD, good.sha256: FileState.CLEAN}
    assert [record.file for record in caplog.records if record.exc_info] == [str(row.pk)]


def test_what_the_work_of_a_harmful_file_raises_keeps_no_other(clamd, take_in):
    row, good = take_in(MARK), take_in(b"A notice")

    def fail(found):
        raise ZeroDivisionError

    assert scanning.scan_held({Paper: fail}) == scanning.Scanned(clean=1, failed=1)
    assert states() == {row.sha256: FileState.HELD, good.sha256: FileState.CLEAN}


def test_files_that_cannot_be_looked_at_fill_no_run_for_good(clamd, take_in, monkeypatch):
    monkeypatch.setattr(scanning, "AT_ONCE", 1)
    first, second, good = take_in(b"long " * 300_000), take_in(b"long! " * 300_000), take_in(b"A notice")
    assert [scanning.scan_held({Paper: mark_infected}).clean for _run in range(3)] == [0, 0, 1]
    scanning.scan_held({Paper: mark_infected})
    assert clamd.seen[-1] == b"long " * 300_000
    assert states() == {first.sha256: FileState.HELD, second.sha256: FileState.HELD, good.sha256: FileState.CLEAN}


def test_a_run_begins_no_file_when_its_time_is_over(clamd, take_in, monkeypatch):
    monkeypatch.setattr(scanning, "MOST_SECONDS", 0)
    rows = [take_in(b"A notice"), take_in(b"A bill")]
    assert [scanning.scan_held({Paper: mark_infected}) for _run in rows] == [scanning.Scanned(clean=1, failed=0)] * 2
    assert states() == dict.fromkeys((row.sha256 for row in rows), FileState.CLEAN)


@pytest.mark.parametrize("address", ["127.0.0.1:1", "/nowhere/clamd.sock", "no port"])
def test_while_the_scanner_is_away_files_stay_held(settings, take_in, address):
    settings.CLAMD = address
    row = take_in(b"A notice")
    with pytest.raises(scanning.ScannerAway) as away:
        scanning.scan_held({Paper: mark_infected})
    assert away.value.sentence == "The virus scanner does not answer; files wait until it does."
    assert states() == {row.sha256: FileState.HELD}


def test_a_local_that_does_without_the_scanner_since_lets_held_files_go(settings, take_in):
    settings.CLAMD = "127.0.0.1:1"
    row = take_in(b"A notice")
    settings.CLAMD = ""
    scanning.scan_held({Paper: mark_infected})
    assert states() == {row.sha256: FileState.CLEAN}
