"""Some sixty small lists, each with the condition of one public bug report, beside the project; what is right of each.

The lists themselves are not part of the project. `case_files.txt` says what each gives: how its columns are matched,
then a line a row. Each list is imported a second time, and then nothing changes.
"""

import io
from pathlib import Path

import pytest
from django.conf import settings

from core.errors import DomainError
from core.imports import applying, batches, checking
from members.imports.lists import LISTS, list_of
from members.tests.import_steps import contents

FOLDER = Path(settings.BASE_DIR).parent / "shared/cases/import"
EXPECTED = Path(__file__).with_name("case_files.txt")
AFTER = {
    "number-typo.csv": "family.csv",
    "zeros-lost.xlsx": "zeros-text.csv",
    "mixed-case-run.csv": "mcdonald-base.csv",
    "nfd.csv": "nfc.csv",
}
OF_ORGANIZATIONS = {"city-state.csv", "ghost-rows.xlsx", "sub-total-rows.csv"}

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.django_db,
    pytest.mark.skipif(not FOLDER.is_dir(), reason=f"the lists are not beside the project ({FOLDER})"),
]


def expected():
    sections = EXPECTED.read_text(encoding="utf-8").split("\n== ")[1:]
    return {name: text.strip() for name, _newline, text in (section.partition("\n") for section in sections)}


def checked(name):
    """The list as somebody brings it in who accepts what is proposed. Raises DomainError."""
    what = LISTS["organizations" if name in OF_ORGANIZATIONS else "members"]
    batch = batches.upload(io.BytesIO((FOLDER / name).read_bytes()), what, file_name=name, actor=None)
    batches.match_columns(batch, what, batch.mapping, actor=None)
    checking.start_check(batch, what, actor=None, in_background=False)
    return batch


def report(batch):
    """What came of it: columns, remarks about the file, then each row with its values and what is said of it."""
    said = [f"columns: {', '.join(f'{header} = {name}' for header, name in sorted(batch.mapping.items()))}"]
    layout = batch.layout
    said += [f"said: {sentence}" for sentence in (layout["sentence"], *layout["remarks"], *layout["seen"])]
    for row in batch.rows.order_by("number"):
        values = ", ".join(f"{field} {value!r}" for field, value in sorted(row.values.items()))
        problems = "".join(f" [{item['column']}: {item['text']}]" for item in row.problems)
        said.append(f"{row.number} {row.outcome}: {values}{problems}")
    return "\n".join(said)


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("*.*") if path.suffix != ".md"))
def test_list(name):
    if name in AFTER:
        batch = checked(AFTER[name])
        applying.start_apply(batch, list_of(batch), actor=None, in_background=False)
    if (wanted := expected()[name]).startswith("refused: "):
        with pytest.raises(DomainError) as caught:
            checked(name)
        assert f"refused: {caught.value.sentence}" == wanted
        return
    batch = checked(name)
    assert report(batch) == wanted

    applying.start_apply(batch, list_of(batch), actor=None, in_background=False)
    once = contents()
    again = checked(name)
    assert set(again.counts) <= {"unchanged", "duplicate", "error", "repeated", "skipped", "left_out"}
    applying.start_apply(again, list_of(again), actor=None, in_background=False)
    assert contents() == once
