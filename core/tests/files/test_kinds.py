import io
import json
import os
import subprocess
import sys

import pytest

from core.files.drawing import drawn
from core.files.kinds import PDF, TXT, FileRefused, kind_of
from core.files.names import shown_name
from core.tests.files.bombs import BOMBS
from core.tests.files.hostile import HOSTILE, REFUSED
from core.tests.files.samples import ACCEPTED


@pytest.mark.parametrize("content_type", ACCEPTED)
def test_a_file_is_known_by_its_content(content_type):
    assert kind_of(io.BytesIO(ACCEPTED[content_type]())).content_type == content_type


def verdict(content):
    """(type as which it is kept, the sentence of the refusal)"""
    file = io.BytesIO(content)
    try:
        kind = kind_of(file)
        drawn(file, kind)
    except FileRefused as refused:
        return REFUSED, refused.sentence
    return kind.content_type, ""


# What a program of its own draws takes a moment each; a commit plays some of these.
BEGINNINGS = (b"%PDF", b"\xff\xd8\xff\xe0", b"\x89PNG")
DRAWN = [case for case in HOSTILE if case[1].startswith(BEGINNINGS) or case[1][4:12] == b"ftypheic"]
QUICK = [case for case in HOSTILE if case not in DRAWN]
PLAYED = DRAWN if os.environ.get("BATTERY") else DRAWN[::3]


@pytest.mark.parametrize(("name", "content", "kept"), [*QUICK, *PLAYED], ids=[case[0] for case in (*QUICK, *PLAYED)])
def test_a_hostile_file_is_refused_or_kept_as_what_it_is(name, content, kept):
    found, sentence = verdict(content)
    assert found == kept
    assert bool(sentence) == (kept == REFUSED)


def test_there_are_more_than_sixty_hostile_files_with_names_of_their_own():
    assert len({name for name, _content, _kept in HOSTILE}) == len(HOSTILE)
    assert len(HOSTILE) >= 60


NAMES = [
    ("../../etc/passwd", "passwd.pdf"),
    ("/etc/shadow.pdf", "shadow.pdf"),
    ("C:\\Users\\ada\\bill.pdf", "bill.pdf"),
    ("bill\x00.pdf", "bill.pdf"),
    ("a" * 300 + ".pdf", "a" * 116 + ".pdf"),
    ("CON", "_CON.pdf"),
    ("com1.txt", "_com1.pdf"),
    ("NUL.tar.gz", "_NUL.tar.pdf"),
    ("bill\r\nSet-Cookie: a=b.pdf", "bill Set-Cookie a=b.pdf"),
    ('say "hello"; filename=x.exe', "say hello; filename=x.pdf"),
    ("Rechnung für José.PDF", "Rechnung für José.pdf"),
    ("bill\u202efdp.exe", "billfdp.pdf"),
    ("zero\u200bwidth.pdf", "zerowidth.pdf"),
    ("invoice.pdf.html", "invoice.pdf"),
    ("invoice.pdf.", "invoice.pdf"),
    ("...", "Document.pdf"),
    ("", "Document.pdf"),
    (".htaccess", "htaccess.pdf"),
    ("card 123-45-6789.pdf", "card.pdf"),
    ("e\u0301te\u0301.pdf", "été.pdf"),
    ("请款单.pdf", "请款单.pdf"),
]


@pytest.mark.parametrize(("given", "shown"), NAMES)
def test_a_name_is_shown_without_what_could_mislead_or_harm(given, shown):
    assert shown_name(given, PDF) == shown


def test_a_text_that_a_browser_would_run_is_refused_with_what_to_do():
    with pytest.raises(FileRefused) as refused:
        kind_of(io.BytesIO(b"<!doctype html><p>Bill"))
    assert refused.value.sentence == (
        "This is a web page or a program, which is not kept here. Print it to PDF, or send a photo of it."
    )


def test_a_long_character_at_the_end_of_what_is_looked_at_does_not_make_a_text_unreadable():
    assert kind_of(io.BytesIO("—".encode() * 1000)) == TXT


MEASURE = """
import io, json, time, zipfile
import django
django.setup()
from core.files.drawing import drawn
from core.files.kinds import FileRefused, kind_of
from core.tests.files.bombs import BOMBS, many_parts


def peak():
    lines = open("/proc/self/status").read().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) // 1024


for name, make in BOMBS.items():
    file = make()
    open("/proc/self/clear_refs", "w").write("5")
    before, started = peak(), time.monotonic()
    try:
        drawn(file, kind_of(file))
        said = "kept"
    except FileRefused:
        said = "refused"
    print(json.dumps([name, said, time.monotonic() - started, peak() - before]))

# The control: what zipfile does with a fifth of the first bomb.
file = many_parts(200_000)
open("/proc/self/clear_refs", "w").write("5")
before = peak()
zipfile.ZipFile(file)
print(json.dumps(["control", "read", 0, peak() - before]))
"""


@pytest.mark.heavy
def test_a_bomb_is_refused_in_two_seconds_and_fifty_megabytes():
    run = subprocess.run([sys.executable, "-c", MEASURE], capture_output=True, text=True, check=False)
    found = [json.loads(line) for line in run.stdout.splitlines()]
    assert [name for name, *_rest in found] == [*BOMBS, "control"], run.stderr[-2000:]
    assert [case for case in found[:-1] if case[1] != "refused" or case[2] > 2 or case[3] > 50] == []
    assert found[-1][3] > 50
