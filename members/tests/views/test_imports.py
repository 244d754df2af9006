"""The import's pages, with and without JavaScript, for those who may and those who may not."""

import csv
import io
import uuid
from pathlib import Path

import openpyxl
import pytest
from django.db import connection
from django.urls import reverse

from core.mail import jobs
from core.models import ReadEvent
from core.tests.regulars import cast_with
from core.web.imports.shown import in_words
from members.factories import EmploymentFactory, MemberFactory, OrganizationFactory
from members.imports.lists import list_of
from members.models import ImportBatch, Organization
from members.tests.import_pages import FILE_NAME, match, move, upload
from members.tests.import_steps import applied, checked

pytestmark = pytest.mark.django_db

PLACE = ("Employer", "City", "State")

regulars, people = cast_with("staff", "officer")


def page(client, batch, query=""):
    return client.get(batch.get_absolute_url() + query).content.decode()


def test_a_list_goes_from_upload_to_undo(client_of, people):
    client = client_of("staff")
    answer = upload(client)
    batch = ImportBatch.objects.get()
    assert answer["Location"] == reverse("import_match", args=[batch.pk])
    assert "Alder Works" in client.get(answer["Location"]).content.decode()

    assert match(client, batch)["Location"] == batch.get_absolute_url()
    batch.refresh_from_db()
    assert (batch.status, batch.counts) == ("checked", {"new": 2, "duplicate": 1, "error": 1})
    assert "Row 2 has the same name in another place" in page(client, batch)
    assert "State: This is not a state of the United States" in page(client, batch, "?show=error")

    assert move(client, batch, "decide", **{"row-3": "create"})["Location"] == batch.get_absolute_url()
    assert move(client, batch, "apply")["Location"] == batch.get_absolute_url()
    batch.refresh_from_db()
    assert (batch.applied_by, batch.counts["applied"]) == (people["staff"], {"new": 3, "error": 1})
    assert sorted(Organization.objects.alive().values_list("name", "city")) == [
        ("Alder Works", "Galesburg"),
        ("Alder Works", "Peoria"),
        ("Birch LLC", "Pekin"),
    ]
    assert "Created" in page(client, batch, "?show=new")

    assert move(client, batch, "undo", reason="Wrong file")["Location"] == batch.get_absolute_url()
    batch.refresh_from_db()
    assert batch.status == "undone"
    assert batch.counts["undone"] == 3
    assert batch.counts["kept"] == 0
    assert not Organization.objects.alive().exists()
    assert "Rows undone" in page(client, batch)


def test_a_list_with_nothing_new_but_the_job_of_a_repeated_row_is_applied(client_of, people):
    """Its row says so before and after; the same list again has nothing to apply."""
    client, nothing = client_of("staff"), "No row changes anything, so there is nothing to apply."
    ann = MemberFactory(member_number="1", first_name="Ann", last_name="Lee")
    EmploymentFactory(member=ann, organization=OrganizationFactory(name="Alder"))
    rows = [("Number", "Name", "Employer"), ("1", "Lee, Ann", "Alder"), ("1", "Lee, Ann", "Birch")]
    batch = checked(rows, kind="members", actor=people["staff"])

    def repeated():
        found = client.get(batch.get_absolute_url() + "?show=repeated").context["rows"]
        return [(row["number"], row["changes"]) for row in found]

    told = [(3, [("Employer", "", "Birch")])]
    assert (batch.counts, nothing in page(client, batch)) == ({"unchanged": 1, "repeated": 1}, False)
    assert repeated() == told
    assert move(client, batch, "apply").status_code == 302
    assert repeated() == told
    assert sorted(ann.employments.values_list("organization__name", flat=True)) == ["Alder", "Birch"]

    again = checked(rows, kind="members", actor=people["staff"])
    assert (again.counts, nothing in page(client, again)) == (batch.counts, True)


def test_days_that_change_are_written_as_people_write_them():
    given = ("2018-01-22", "20180122", "2018-13-40", "Active", "")
    assert [in_words(text) for text in given] == ["Mon 22 Jan 2018", "20180122", "2018-13-40", "Active", ""]


def test_each_choice_for_the_whole_list_is_on_the_page(client_of):
    client = client_of("staff")
    for kind in ("members", "organizations"):
        upload(client, kind=kind)
    for batch in ImportBatch.objects.all():
        text = client.get(reverse("import_match", args=[batch.pk])).text
        assert [name for name in list_of(batch).options if f'name="{name}"' not in text] == []


def test_titles_never_show_the_name_of_the_file(client_of):
    client = client_of("staff")
    upload(client)
    batch = ImportBatch.objects.get()
    urls = [reverse("import_list"), reverse("import_match", args=[batch.pk])]
    match(client, batch)
    for url in [*urls, batch.get_absolute_url()]:
        text = client.get(url).content.decode()
        assert FILE_NAME in text
        assert "Jane" not in text[text.index("<title>") : text.index("</title>")]
    assert FILE_NAME not in batch.file.name


BAD_FILES = {
    "empty": (b"", "The file is empty. Choose the file that holds the list."),
    "NUL": (b"Name\n\0\n", "Row 2 holds a NUL character"),
    "PDF": (b"%PDF-1.7", "This is not a list."),
    "no header": (b"1,2\n3,4\n", "No header was found"),
    "zip": (b"PK\x03\x04broken", "This Excel file is damaged or protected."),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_bad_files_are_refused_at_the_field(client_of, case):
    content, sentence = BAD_FILES[case]

    answer = upload(client_of("staff"), content, kind="members")

    text = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in text
    assert answer.context["form"]["kind"].value() == "members"
    assert not ImportBatch.objects.exists()


def test_an_upload_needs_a_file_and_a_kind(client_of):
    answer = client_of("staff").post(reverse("import_upload"), {"kind": "salaries"})

    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"kind", "file"}


def test_a_file_beyond_the_limit_is_refused(client_of, settings):
    settings.IMPORT_MAX_BYTES = 10

    answer = upload(client_of("staff"))

    assert answer.status_code == 422
    assert not ImportBatch.objects.exists()


def test_a_mapping_that_cannot_work_keeps_what_was_chosen(client_of):
    client = client_of("staff")
    upload(client)
    batch = ImportBatch.objects.get()

    twice = match(client, batch, **{"column-1": "name"})
    strange = match(client, batch, **{"column-1": "salary"})

    assert (twice.status_code, strange.status_code) == (422, 422)
    assert "Two columns are matched to “Name”. Keep one and ignore the other." in twice.content.decode()
    assert twice.context["form"]["column-1"].value() == "name"
    assert strange.context["form"].errors.keys() == {"column-1"}
    batch.refresh_from_db()
    assert batch.status == "uploaded"


def test_another_sheet_or_header_row_may_be_taken(client_of):
    client = client_of("staff")
    upload(client, b"Name,City\nShop,Town\nAlder,Peoria\n")
    batch = ImportBatch.objects.get()

    move(client, batch, "layout", header_row="2")
    batch.refresh_from_db()
    assert (batch.layout["headers"], batch.mapping) == (["Shop", "Town"], {"Shop": "name", "Town": "city"})

    for wrong in ("99", "0", "x", "-1", "99999999999999999999"):
        assert move(client, batch, "layout", header_row=wrong).status_code == 302
    batch.refresh_from_db()
    assert batch.layout["header_row"] == 2


def test_social_security_numbers_are_withheld(client_of):
    client = client_of("staff")
    upload(client, b"Name,Code\nAlder,078-05-1120\nBirch,219-09-9999\n")

    text = client.get(reverse("import_match", args=[ImportBatch.objects.get().pk])).content.decode()

    assert "Not shown: this looks like numbers or notes that are never stored." in text
    assert "078-05-1120" not in text


def test_a_column_that_is_never_stored_cannot_be_matched(client_of):
    client = client_of("staff")
    upload(client, b"Name,Soc Sec\nAlder,078051120\n")
    batch = ImportBatch.objects.get()
    assert batch.mapping == {"Name": "name"}
    assert 'novalidate data-guard hx-boost="true"' in client.get(reverse("import_match", args=[batch.pk])).text

    answer = match(client, batch, **{"column-1": "address"})

    assert answer.status_code == 422
    text = answer.content.decode()
    assert "“Soc Sec” looks like a column of social security numbers, which are never stored." in text
    assert "078051120" not in text


STALE = "Somebody else changed this import meanwhile. Look at it again."


@pytest.mark.parametrize("version", ["", "1", "x", "9" * 5_000, None])
@pytest.mark.parametrize("name", ["apply", "check", "discard", "decide", "decide_all"])
def test_a_step_of_a_page_that_is_not_current_is_refused(client_of, people, name, version):
    client = client_of("staff")
    batch = checked([PLACE, ("Alder", "Peoria", "IL"), ("Alder", "Pekin", "IL")], actor=people["staff"])
    data = {"version": version, "row-3": "create", "decision": "create"}

    answer = client.post(
        reverse(f"import_{name}", args=[batch.pk]), {key: text for key, text in data.items() if text is not None}
    )

    assert answer.status_code == 409
    assert STALE in answer.content.decode()
    seen = batch.version
    batch.refresh_from_db()
    assert batch.status == "checked"
    assert batch.version == seen
    assert batch.rows.get(number=3).decision == ""


def test_nobody_applies_decisions_that_they_have_not_seen(client_of, people):
    client = client_of("staff")
    batch = checked([PLACE, ("Alder", "Peoria", "IL"), ("Alder", "Pekin", "IL")], actor=people["staff"])
    text = page(client, batch, "?show=duplicate")
    assert f'action="{reverse("import_decide", args=[batch.pk])}" data-guard hx-boost="true"' in text
    assert text.count(f'name="version" value="{batch.version}"') == 6

    move(client, batch, "decide", **{"row-3": "create"})

    assert move(client, batch, "apply", version=batch.version).status_code == 409
    assert move(client, batch, "apply").status_code == 302


def test_an_undo_of_a_page_that_is_not_current_is_refused(client_of, people):
    client = client_of("staff")
    batch = applied([PLACE, ("Alder", "Peoria", "IL")], actor=people["staff"])
    url = reverse("import_undo", args=[batch.pk])
    assert f'name="version" value="{batch.version}"' in client.get(url).content.decode()

    answer = move(client, batch, "undo", reason="Wrong", version=batch.version - 1)

    assert answer.status_code == 409
    assert STALE in answer.content.decode()
    assert Organization.objects.alive().count() == 1


def test_decisions_for_all_and_bad_decisions(client_of, people):
    client = client_of("staff")
    rows = [PLACE, ("Alder", "Peoria", "IL"), ("Alder", "Pekin", "IL"), ("Alder", "Canton", "IL")]
    batch = checked(rows, actor=people["staff"])

    for data in ({"row-3": "restore"}, {"row-3": "purge"}):
        assert move(client, batch, "decide", **data).status_code == 409
    assert move(client, batch, "decide_all", decision="purge").status_code == 409
    for data in (
        {"row-99": "create"},
        {"row-x": "1"},
        {"row-٣": "create"},
        {"row-99999999999999999999": "create"},
    ):
        assert move(client, batch, "decide", **data).status_code == 302
    long = client.post(
        reverse("import_decide", args=[batch.pk]),
        f"version={batch.version}&row-{'9' * 5_000}=create",
        content_type="application/x-www-form-urlencoded",
    )
    assert long.status_code == 302
    assert set(batch.rows.values_list("decision", flat=True)) == {""}

    move(client, batch, "decide", **{"row-3": "skip"})
    move(client, batch, "decide_all", decision="create")
    assert list(batch.rows.order_by("number").values_list("decision", flat=True)) == ["", "skip", "create"]


def test_moves_at_the_wrong_moment_are_refused_with_a_sentence(client_of, people):
    client = client_of("staff")
    batch = applied([PLACE, ("Alder", "Peoria", "IL")], actor=people["staff"])

    for name in ("apply", "check", "discard", "layout"):
        answer = move(client, batch, name, header_row="1")
        assert (name, answer.status_code) == (name, 409)
    assert match(client, batch).status_code == 409
    assert move(client, batch, "undo", reason="").status_code == 422
    move(client, batch, "undo", reason="Wrong")
    assert client.get(reverse("import_undo", args=[batch.pk])).status_code == 409
    assert client.get(reverse("import_match", args=[batch.pk]))["Location"] == batch.get_absolute_url()


def test_discard_takes_file_and_rows_away(client_of, people):
    client = client_of("staff")
    batch = checked([PLACE, ("Alder", "Peoria", "IL")], actor=people["staff"])
    path = Path(batch.file.path)
    assert path.exists()

    assert move(client, batch, "discard")["Location"] == batch.get_absolute_url()

    batch.refresh_from_db()
    assert batch.status == "discarded"
    assert batch.rows.count() == 0
    assert not path.exists()
    assert "no record was changed" in page(client, batch)
    assert client.get(reverse("import_result", args=[batch.pk, "csv"])).status_code == 409


def test_the_result_has_every_row_and_no_formulas(client_of, people):
    client = client_of("staff")
    rows = [(*PLACE, "Remark"), ("=cmd()", "Peoria", "IL", "@x"), ("Alder", "Pekin", "ZZ", "-1"), ("Birch", "", "", "")]
    batch = applied(rows, actor=people["staff"])

    answer = client.get(reverse("import_result", args=[batch.pk, "csv"]))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    book = b"".join(client.get(reverse("import_result", args=[batch.pk, "xlsx"])).streaming_content)

    expected = [
        ["Row", "Employer", "City", "State", "Outcome", "Why"],
        ["2", "'=cmd()", "Peoria", "IL", "Created", ""],
        [
            "3",
            "Alder",
            "Pekin",
            "ZZ",
            "Not applied",
            "State: This is not a state of the United States. Write it like IL or Illinois.",
        ],
        ["4", "Birch", "", "", "Created", ""],
    ]
    assert list(csv.reader(io.StringIO(text))) == expected
    sheet = openpyxl.load_workbook(io.BytesIO(book)).active
    assert [["" if cell is None else str(cell) for cell in row] for row in sheet.values] == expected
    assert answer["Content-Disposition"] == f'attachment; filename="import-{batch.pk}.csv"'
    reads = ReadEvent.objects.filter(subject_id=str(batch.pk), kind="downloaded")
    assert reads.count() == 2
    assert client.get(reverse("import_result", args=[batch.pk, "pdf"])).status_code == 404


def test_the_result_needs_no_file_and_is_whole_although_the_import_goes(client_of, people):
    batch = checked([PLACE, ("Alder", "Peoria", "IL"), ("Birch", "Pekin", "IL")], actor=people["staff"])
    Path(batch.file.path).unlink()

    answer = client_of("staff").get(reverse("import_result", args=[batch.pk, "csv"]))
    batch.rows.all().delete()

    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert lines == ["Row,Employer,City,State,Outcome,Why", "2,Alder,Peoria,IL,New,", "3,Birch,Pekin,IL,New,"]


def test_opening_a_preview_is_recorded(client_of, people):
    batch = checked([("No", "Name"), ("7", "Lee, Ann")], kind="members", actor=people["staff"])

    page(client_of("officer"), batch)

    read = ReadEvent.objects.get(kind="opened")
    assert read.actor == people["officer"]
    assert read.subject_type == "members.importbatch"
    assert read.subject_id == str(batch.pk)


def test_pages_of_rows_go_on_by_key(client_of, people):
    client = client_of("staff")
    batch = checked([PLACE, *((f"Works {number}", "Pekin", "IL") for number in range(120))], actor=people["staff"])

    first = page(client, batch)
    answer = client.get(batch.get_absolute_url() + "?show=new")
    following = answer.context["page"].next_url
    second = page(client, batch, following)

    assert "Works 0 — Pekin, IL" in first
    assert "Works 49 — Pekin, IL" in first
    assert "Works 50 — " not in first
    assert "Works 49 — " not in second
    assert "Works 50 — Pekin, IL" in second
    assert "Works 99 — " in second
    for strange in ("?show=nonsense", "?after=x", "?after=99999999999999999999999", "?show=error&before=-1", "?from=x"):
        assert client.get(batch.get_absolute_url() + strange).status_code == 200


def test_the_preview_says_when_others_will_have_to_wait(client_of, people):
    batch = checked([PLACE, ("Alder", "Pekin", "IL")], actor=people["staff"])
    sentence = "While this import is applied, others may have to wait a little before they can save."

    assert (sentence in page(client_of("staff"), batch)) == (connection.vendor == "sqlite")
    ImportBatch.objects.filter(pk=batch.pk).update(counts={"new": 6_000, "changed": 5_000})
    assert sentence in page(client_of("staff"), batch)
    assert sentence not in page(client_of("officer"), batch)


def test_the_number_of_queries_does_not_grow_with_the_rows(client_of, people, django_assert_num_queries):
    client = client_of("staff")
    one = checked([PLACE, ("Alder", "Pekin", "IL")], actor=people["staff"])
    three = checked([PLACE, *((f"Works {number}", "Pekin", "IL") for number in range(3))], actor=people["staff"])
    page(client, one)

    for batch in (one, three):
        with django_assert_num_queries(QUERIES):
            page(client, batch)


QUERIES = 8


def test_progress_is_a_fragment_until_the_work_is_done(client_of, people):
    client = client_of("staff")
    batch = checked([PLACE, ("Alder", "Pekin", "IL")], actor=people["staff"])
    url = reverse("import_progress", args=[batch.pk])
    progress = jobs.Progress(batch.pk, "Applying the rows")
    progress.advance(40, 100)

    fragment = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert 'value="40" max="100"' in fragment
    assert 'hx-trigger="every 1s"' in fragment
    assert 'id="import-refresh"' in fragment  # so that the focus stays on it
    assert client.get(url)["Location"] == batch.get_absolute_url()
    assert "Refresh" in page(client, batch)
    assert move(client, batch, "apply").status_code == 409
    assert move(client, batch, "discard").status_code == 409

    jobs.forget(batch.pk)
    answer = client.get(url, headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == batch.get_absolute_url()


@pytest.mark.parametrize(("status", "again"), [("checking", "check"), ("applying", "apply")])
def test_work_that_died_can_be_started_again(client_of, people, status, again):
    client = client_of("staff")
    batch = checked([PLACE, ("Alder", "Pekin", "IL")], actor=people["staff"])
    ImportBatch.objects.filter(pk=batch.pk).update(status=status)

    text = page(client, batch)
    assert "The work stopped before it was done" in text
    assert reverse(f"import_{again}", args=[batch.pk]) in text
    assert move(client, batch, again).status_code == 302

    batch.refresh_from_db()
    assert batch.status == {"check": "checked", "apply": "applied"}[again]


# Route → how it is called, and what an officer is answered, who sees imports and runs none.
ROUTES = {
    "import_list": ("get", 200),
    "import_upload": ("get", 403),
    "import_detail": ("get", 200),
    "import_match": ("get", 403),
    "import_layout": ("post", 403),
    "import_check": ("post", 403),
    "import_decide": ("post", 403),
    "import_decide_all": ("post", 403),
    "import_apply": ("post", 403),
    "import_progress": ("get", 302),
    "import_result": ("get", 200),
    "import_undo": ("get", 403),
    "import_discard": ("post", 403),
}


@pytest.mark.parametrize("role", ["officer", "steward"])
def test_who_may_open_what(client_of, people, role):
    """Others do not even see them: a steward here, everybody in the matrix."""
    batch = checked([PLACE, ("Alder", "Pekin", "IL")], actor=people["staff"])
    places = {"import_list": [], "import_upload": [], "import_result": [batch.pk, "csv"]}
    browser, found = client_of(role), {}
    for route, (method, _officer) in ROUTES.items():
        address = reverse(route, args=places.get(route, [batch.pk]))
        found[route] = getattr(browser, method)(address).status_code

    assert found == {route: officer if role == "officer" else 403 for route, (_method, officer) in ROUTES.items()}
    batch.refresh_from_db()
    assert batch.status == "checked"


def test_an_unknown_import_is_not_found(client_of):
    client = client_of("staff")
    for route, (method, _officer) in ROUTES.items():
        if route not in ("import_list", "import_upload", "import_result"):
            assert getattr(client, method)(reverse(route, args=[uuid.uuid4()])).status_code == 404
    assert client.get("/imports/1/").status_code == 404


@pytest.mark.parametrize(
    ("first", "later", "asked", "hired"),
    [
        (["13/04/2019"] * 3 + ["03/04/2019"] * 197, 0, True, "2019-04-03"),
        (["13/04/2019"] * 12 + ["03/04/2019"] * 188, 100, False, "2019-04-03"),
        (["13/04/2019"] * 2 + ["03/04/2019"] * 10, 0, False, "2019-04-03"),
        (["13/04/2019"] + ["03/04/2019"] * 10 + [""] * 189, 10, True, "2019-04-03"),
    ],
    ids=["few tell", "the rest does not tell", "a short list", "a list with few dates at first"],
)
def test_the_order_of_dates_is_asked_or_is_what_the_first_rows_show(client_of, first, later, asked, hired):
    dates = first + ["03/04/2019"] * later
    rows = [f"{number},Lee,Ann {number},{date}" for number, date in enumerate(dates, 1)]
    client = client_of("staff")
    upload(client, "\n".join(["Member No,Last Name,First Name,Hired", *rows]).encode(), kind="members")
    batch = ImportBatch.objects.get()

    shown = client.get(reverse("import_match", args=[batch.pk])).content.decode()
    match(client, batch, **({"date_order": "dmy"} if asked else {}))

    assert ("Dates such as 3/4/2020 are" in shown) is asked
    read = batch.rows.exclude(values__hire_date=None).order_by("-number").first()
    assert read.values["hire_date"] == hired
