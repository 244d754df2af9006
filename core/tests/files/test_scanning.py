"""The virus scanner: a file is held until it is clean. What answers here is a server that speaks clamd's protocol."""

import socketserver
import threading

import pytest

from core.files import scanning
from core.files.enums import FileState
from core.tests.sample.models import Paper

MARK = b"HARMFUL"


class Clamd(socketserver.BaseRequestHandler):
    """Says FOUND of what holds MARK, and that it cannot look at what is longer than it takes."""

    def handle(self):
        content = b""
        assert self.taken(10) == b"zINSTREAM\0"
        while length := int.from_bytes(self.taken(4), "big"):
            content += self.taken(length)
        self.server.seen.append(content)
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
        server.seen = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.CLAMD = f"127.0.0.1:{server.server_address[1]}"
        yield server
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
    assert scanning.scan_held(Paper, mark_infected) == 1
    assert states() == {row.sha256: FileState.CLEAN}
    assert clamd.seen == [b"A notice " * 10_000]


def test_what_the_scanner_finds_is_never_clean(clamd, take_in):
    row, good = take_in(MARK), take_in(b"A notice")
    assert scanning.scan_held(Paper, mark_infected) == 1
    assert states() == {row.sha256: FileState.INFECTED, good.sha256: FileState.CLEAN}


def test_a_file_that_the_scanner_cannot_look_at_stays_held_and_keeps_no_other(clamd, take_in):
    row, good = take_in(b"long " * 300_000), take_in(b"A notice")
    assert scanning.scan_held(Paper, mark_infected) == 1
    assert states() == {row.sha256: FileState.HELD, good.sha256: FileState.CLEAN}


@pytest.mark.parametrize("address", ["127.0.0.1:1", "/nowhere/clamd.sock", "no port"])
def test_while_the_scanner_is_away_files_stay_held(settings, take_in, address):
    settings.CLAMD = address
    row = take_in(b"A notice")
    with pytest.raises(scanning.ScannerAway) as away:
        scanning.scan_held(Paper, mark_infected)
    assert away.value.sentence == "The virus scanner does not answer; files wait until it does."
    assert states() == {row.sha256: FileState.HELD}


def test_a_local_that_does_without_the_scanner_since_lets_held_files_go(settings, take_in):
    settings.CLAMD = "127.0.0.1:1"
    row = take_in(b"A notice")
    settings.CLAMD = ""
    scanning.scan_held(Paper, mark_infected)
    assert states() == {row.sha256: FileState.CLEAN}
