"""The list page over the sample table: what every list of the portal shares."""

import csv
import io
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import ListColumns, ReadEvent, SavedFilter
from core.tests.regulars import cast_with
from core.tests.sample.models import Ticket
from core.web import exports

pytestmark = [pytest.mark.django_db, pytest.mark.urls("core.tests.list_urls")]
HTMX = {"HX-Request": "true"}
regulars, people = cast_with("staff", "admin")


@pytest.fixture
def browser(client_of):
    return client_of("staff", raise_request_exception=False)


@pytest.fixture
def seven(db):
    return [Ticket.objects.create(title=title, status="closed" if title > "e" else "open") for title in "gcafbed"]


def titles(response) -> list[str]:
    return [row.title for row in response.context["rows"]]


def names(response) -> list[str]:
    return [column.name for column, _url, _direction in response.context["columns"]]


# --- pages ------------------------------------------------------------------------------------------


def test_the_pages_follow_one_another(browser, seven):
    Ticket.objects.create(title="0", hidden=True)
    first = browser.get("/tickets/")
    second = browser.get("/tickets/" + first.context["page"].next_url)
    third = browser.get("/tickets/" + second.context["page"].next_url)
    back = browser.get("/tickets/" + third.context["page"].previous_url)
    assert [titles(page) for page in (first, second, third, back)] == [list("abc"), list("def"), ["g"], list("def")]
    assert [page.context["page"].range_label for page in (first, second, third, back)] == ["1–3", "4–6", "7–7", "4–6"]
    assert first.context["how_many"] == "7 tickets"
    assert "7 tickets" in first.text
    assert "<html" in first.text


def test_one_row_is_counted_by_its_own_name(browser):
    Ticket.objects.create(title="a")
    assert browser.get("/tickets/").context["how_many"] == "1 ticket"


def test_one_row_and_three_cost_the_same_queries(browser, people):
    counts = []
    for number in range(4):
        Ticket.objects.create(title=f"t{number}")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert len(titles(browser.get("/tickets/"))) == min(number + 1, 3)
        counts.append(len(queries))
    assert counts == [6] * 4


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ("", "abc"),
        ("title", "abc"),
        ("-title", "gfe"),
        ("added", "gca"),
        ("-added", "deb"),
        ("secret", "abc"),
        ("--title", "abc"),
        ("title,added", "abc"),
        ("pk", "abc"),
        ("\0", "abc"),
        ("x" * 5_000, "abc"),
    ],
)
def test_sorts_are_the_declared_ones(browser, seven, sort, found):
    response = browser.get("/tickets/", {"sort": sort})
    assert (response.status_code, "".join(titles(response))) == (200, found)


def test_a_heading_turns_the_order_round(browser, seven):
    urls = {}
    for sort in ("title", "-title"):
        [(column, urls[sort], direction), *_others] = browser.get(
            "/tickets/", {"sort": sort, "q": "", "after": "x"}
        ).context["columns"]
        assert (column.name, direction) == ("title", "desc" if sort == "-title" else "asc")
    assert urls == {"title": "/tickets/?sort=-title", "-title": "/tickets/?sort=title"}


@pytest.mark.parametrize(
    ("headers", "whole"),
    [
        ({}, True),
        (HTMX, False),
        (HTMX | {"HX-Boosted": "true"}, True),
        (HTMX | {"HX-History-Restore-Request": "true"}, True),
        ({"HX-Request": "yes"}, True),
        ({"HX-Boosted": "true"}, True),
    ],
)
def test_htmx_gets_the_fragment_only_when_it_asks_for_one(browser, seven, headers, whole):
    response = browser.get("/tickets/", headers=headers)
    assert response.text.count("<html") == whole
    assert response.text.count("<h1") == whole
    assert titles(response) == list("abc")
    assert response["Cache-Control"] == "no-store"
    assert {name.strip() for name in response["Vary"].split(",")} >= {"HX-Request", "Cookie"}


# --- filters ----------------------------------------------------------------------------------------


def test_filters_narrow_and_show_as_chips(browser, seven):
    response = browser.get("/tickets/?status=closed&q=f&junk=1&several=open&several=closed&since=2020-01-01")
    assert titles(response) == ["f"]
    rest = "status=closed&junk=1&several=open&several=closed&since=2020-01-01"
    assert response.context["chips"][0] == ("Search: f", f"/tickets/?{rest}")
    assert [label for label, _url in response.context["chips"]] == [
        "Search: f",
        "Status: Closed",
        "Several: Open, Closed",
        "Since: 2020-01-01",
    ]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"status": "famous"}, "Select a valid choice. famous is not one of the available choices."),
        ({"q": "x" * 201}, "Search for fewer words."),
        ({"q": "a\u202eb"}, "Remove the invisible characters; type the text instead of pasting it."),
        ({"since": "10000-01-01"}, "Enter a valid date."),
        ({"since": "2023-02-29"}, "Enter a valid date."),
        ({"several": ["open", "x"]}, "Select a valid choice. x is not one of the available choices."),
    ],
)
def test_a_wrong_filter_finds_nothing_and_says_why(browser, seven, query, sentence):
    response = browser.get("/tickets/", query)
    assert response.status_code == 200
    assert titles(response) == []
    assert sentence in response.text
    assert response.context["chips"] == []


def test_filters_apply_themselves_and_by_a_button_where_no_script_runs(browser, seven):
    form = browser.get("/tickets/").text.partition('<form class="filters"')[2].partition("</form>")[0]
    fetches = re.findall(r'hx-get="/tickets/"\s+hx-trigger="(.*?)"', form)
    assert set(fetches) == {"input changed delay:250ms, search", "change delay:100ms"}
    assert [form.count(words) for words in ('<noscript><button class="btn" type="submit">', "data-filters-open")] == [
        1,
        1,
    ]
    answers = [browser.get(f"/tickets/?q=&status={status}", headers=HTMX) for status in ("closed", "")]
    assert [answer["HX-Push-Url"] for answer in answers] == ["/tickets/?status=closed", "/tickets/"]
    assert "HX-Push-Url" not in browser.get("/tickets/?status=closed")


def test_an_empty_list_says_so_and_a_search_without_hits_says_something_else(browser):
    assert "No tickets yet" in browser.get("/tickets/").text
    assert "Nothing matches" in browser.get("/tickets/?q=nobody").text


# --- columns ----------------------------------------------------------------------------------------


def choose(browser, **values):
    return browser.post("/lists/columns/", {"list_name": "ticket_list", "next": "/tickets/?q=a", **values})


def test_columns_are_kept_for_each_person(browser, client_of, seven):
    assert names(browser.get("/tickets/")) == ["title", "status", "amount"]
    response = choose(browser, columns=["added", "amount"])
    assert (response.status_code, response.url) == (302, "/tickets/?q=a")
    assert names(browser.get("/tickets/")) == ["title", "amount", "added"]
    assert names(client_of("officer").get("/tickets/")) == ["title", "status", "amount"]
    choose(browser)
    assert names(browser.get("/tickets/")) == ["title"]
    assert ListColumns.objects.count() == 1


@pytest.mark.parametrize(
    "columns",
    [
        ["secret"],
        ["\0"],
        ["__class__"],
        ["x" * 41],
        ["<b>"],
        ["title"] * 70,
        [f"c{n}" for n in range(70)],
        ["1"],
    ],
)
def test_unknown_columns_show_nothing(browser, seven, columns):
    assert choose(browser, columns=columns).status_code == 302
    response = browser.get("/tickets/")
    assert set(names(response)) <= {"title", "status", "amount"}
    assert "title" in names(response)


@pytest.mark.parametrize("list_name", ["", "a b", "x" * 61, "\0", "é"])
def test_a_list_that_cannot_be_is_refused_in_words(browser, seven, list_name):
    assert choose(browser, list_name=list_name, columns=["title"]).status_code == 302
    assert "The columns could not be kept. Choose them again." in browser.get("/tickets/").text
    assert not ListColumns.objects.exists()


@pytest.mark.parametrize(
    ("target", "goes_to"),
    [
        ("/tickets/?q=a", "/tickets/?q=a"),
        ("//evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("http://testserver/x", "/"),
        ("", "/"),
    ],
)
def test_next_stays_in_the_portal(browser, target, goes_to):
    assert choose(browser, next=target).url == goes_to


# --- saved filters ----------------------------------------------------------------------------------


def save(browser, **values):
    query = {"list_name": "ticket_list", "name": "Mine", "query": "status=open&q=a", "next": "/tickets/"}
    return browser.post("/lists/filters/", query | values)


def test_a_filter_is_kept_replaced_and_forgotten(browser, client_of, people, seven):
    save(browser)
    page = browser.get("/tickets/")
    assert "Filter “Mine” saved." in page.text
    assert 'href="/tickets/?status=open&amp;q=a"' in page.text
    save(browser, query="q=b")
    save(browser, list_name="other_list")
    other = client_of("officer")
    save(other, query="q=c")
    assert list(SavedFilter.objects.order_by("id").values_list("owner", "list_name", "name", "query")) == [
        (people["staff"].pk, "ticket_list", "Mine", "q=b"),
        (people["staff"].pk, "other_list", "Mine", "status=open&q=a"),
        (people["officer"].pk, "ticket_list", "Mine", "q=c"),
    ]
    [(pk, name, query)] = browser.get("/tickets/").context["saved"]
    assert (name, query) == ("Mine", "q=b")
    other.post(f"/lists/filters/{pk}/forget/")
    assert SavedFilter.objects.count() == 3
    assert browser.post(f"/lists/filters/{pk}/forget/", {"next": "/tickets/"}).url == "/tickets/"
    assert SavedFilter.objects.filter(owner=people["staff"]).count() == 1


@pytest.mark.parametrize(
    "values",
    [
        {"name": ""},
        {"name": "x" * 61},
        {"name": "a\u200bb"},
        {"name": "a\0b"},
        {"query": ""},
        {"query": "q=" + "x" * 2_000},
        {"query": "q=\0"},
        {"list_name": ""},
        {"list_name": "x" * 61},
    ],
)
def test_a_filter_that_cannot_be_kept_is_refused_in_words(browser, seven, values):
    assert save(browser, **values).status_code == 302
    assert "Choose a filter first and give it a name of at most 60 letters." in browser.get("/tickets/").text
    assert not SavedFilter.objects.exists()


@pytest.mark.parametrize("path", ["/lists/columns/", "/lists/filters/", "/lists/filters/1/forget/"])
def test_what_people_keep_changes_by_post_of_somebody_signed_in(browser, client_of, path):
    assert browser.get(path).status_code == 405
    assert client_of("anon").post(path).url.startswith("/accounts/login/")


def test_forgetting_what_is_not_there_is_harmless(browser):
    answers = [
        browser.post(f"/lists/filters/{pk}/forget/").status_code for pk in ("0", "999999", "9" * 30, "9" * 5_000)
    ]
    assert answers == [302, 302, 302, 404]


def test_looking_through_a_list_is_recorded_with_its_filters(browser, people, seven):
    browser.get("/tickets/?status=closed&q=f&junk=1")
    browser.get("/tickets/?status=famous", headers=HTMX)
    rows = ReadEvent.objects.order_by("id").values_list(
        "actor", "kind", "subject_type", "subject_id", "rows", "filters"
    )
    assert list(rows) == [
        (people["staff"].pk, "listed", "sample.ticket", "", 1, {"q": "f", "status": "Closed"}),
        (people["staff"].pk, "listed", "sample.ticket", "", 0, {}),
    ]


# --- exports ----------------------------------------------------------------------------------------


def exported(response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode().removeprefix("\ufeff"))))


@pytest.mark.parametrize(
    ("sort", "found"), [("", "abcdefg"), ("-title", "gfedcba"), ("added", "gcafbed"), ("-added", "debfacg")]
)
@pytest.mark.parametrize("chunk", [2, 3, 100])
def test_the_file_has_every_row_in_the_order_of_the_list(client_of, seven, monkeypatch, sort, found, chunk):
    monkeypatch.setattr(exports, "CHUNK", chunk)
    Ticket.objects.update(created_at=seven[0].created_at)
    for seconds, ticket in enumerate(seven):
        Ticket.objects.filter(pk=ticket.pk).update(created_at=ticket.created_at.replace(microsecond=seconds))
    header, *rows = exported(client_of("admin").get("/tickets/export/csv/", {"sort": sort}))
    assert (header, "".join(row[0] for row in rows)) == (["Title", "Status", "Amount", "Added"], found)


def test_rows_of_one_sort_value_are_written_once(client_of, monkeypatch):
    monkeypatch.setattr(exports, "CHUNK", 2)
    tickets = Ticket.objects.bulk_create(Ticket(title="same", number=number) for number in range(7))
    _header, *rows = exported(client_of("admin").get("/tickets/export/csv/"))
    assert len(rows) == len(tickets)


def test_the_export_is_recorded_before_a_byte_leaves_and_only_for_those_who_may(browser, client_of, people, seven):
    assert browser.get("/tickets/export/csv/").status_code == 403
    assert browser.get("/tickets/").context["exports"] == []
    assert ReadEvent.objects.exclude(kind="listed").count() == 0
    admin = client_of("admin")
    urls = [url for _label, url in admin.get("/tickets/?status=open&after=x").context["exports"]]
    assert urls == ["/tickets/export/xlsx/?status=open", "/tickets/export/csv/?status=open"]
    response = admin.get(urls[1])
    event = ReadEvent.objects.exclude(kind="listed").get()
    assert event.actor == people["admin"]
    assert event.kind == "exported"
    assert event.subject_type == "sample.ticket"
    assert event.subject_id == ""
    assert event.rows == 5
    assert event.filters == {"status": "Open"}
    assert len(exported(response)) == 6


@pytest.mark.parametrize(
    ("kind", "query", "status"), [("csv", "status=famous", 302), ("pdf", "", 404), ("pdf", "status=x", 404)]
)
def test_an_export_that_is_not_made_is_not_recorded(client_of, seven, kind, query, status):
    admin = client_of("admin")
    response = admin.get(f"/tickets/export/{kind}/?{query}")
    assert (response.status_code, ReadEvent.objects.count()) == (status, 0)
    if status == 302:
        assert response.url == "/tickets/?status=famous"
        assert "The export was not made: correct the filter first." in admin.get(response.url).text
