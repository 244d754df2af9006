"""Pages by key, on the sample table: every row once in both directions, whatever the URL says."""

from urllib.parse import parse_qsl

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.tests.sample.models import Ticket
from core.web import keyset
from core.web.keyset import Page, Sort, bounded_count, paginate

pytestmark = pytest.mark.django_db

TITLES = st.lists(st.sampled_from(["a", "b", "B", "é", "", "zz", "a b", "日本"]), max_size=12)
ORDERS = st.sampled_from([Sort("title", "title", "Title"), Sort("title", "title", "Title", descending=True)])


def page_of(url: str, sort: Sort, *, size: int, narrowed: bool = False) -> Page:
    return paginate(
        Ticket.objects.all(), params=QueryDict(url.removeprefix("?")), sort=sort, size=size, narrowed=narrowed
    )


def walk(sort: Sort, *, size: int, narrowed: bool) -> list[Page]:
    pages = [page_of("", sort, size=size, narrowed=narrowed)]
    while pages[-1].next_url:
        pages.append(page_of(pages[-1].next_url, sort, size=size, narrowed=narrowed))
    return pages


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(titles=TITLES, sort=ORDERS, size=st.integers(1, 4), narrowed=st.booleans())
def test_both_directions_visit_every_row_once(titles, sort, size, narrowed):
    Ticket.objects.all().delete()
    Ticket.objects.bulk_create(Ticket(title=title) for title in titles)
    order = ["-title", "-pk"] if sort.descending else ["title", "pk"]
    wanted = list(Ticket.objects.order_by(*order).values_list("pk", flat=True))
    forwards = walk(sort, size=size, narrowed=narrowed)
    assert [row.pk for page in forwards for row in page.rows] == wanted
    assert [page.first for page in forwards] == list(range(1, len(wanted) + 1, size)) or not wanted
    backwards = [forwards[-1]]
    while backwards[-1].previous_url:
        backwards.append(page_of(backwards[-1].previous_url, sort, size=size, narrowed=narrowed))
    assert [row.pk for page in reversed(backwards) for row in page.rows] == wanted
    assert [page.first for page in reversed(backwards)] == [page.first for page in forwards]
    assert (forwards[0].previous_url, forwards[-1].next_url) == ("", "")


@pytest.mark.parametrize("exact", [0, 3, 12, 13])
def test_pages_of_many_rows_and_of_few_are_the_same(db, monkeypatch, exact):
    monkeypatch.setattr(keyset, "EXACT_COUNT", exact)
    Ticket.objects.bulk_create(Ticket(title=title) for title in "hbacdgbbfebah")
    for sort, order in ((BY_TITLE, ("title", "pk")), (BACKWARDS, ("-title", "-pk"))):
        wanted = list(Ticket.objects.order_by(*order).values_list("pk", flat=True))
        for size in (1, 3, 4, 20):
            pages = walk(sort, size=size, narrowed=False)
            assert [row.pk for page in pages for row in page.rows] == wanted
            assert {page.count for page in pages} == {min(13, exact + 1)}


@pytest.mark.parametrize("sample", [4, 9, 13, 14])
def test_a_page_of_a_frequent_word_is_the_page_of_all_its_rows(db, monkeypatch, sample):
    monkeypatch.setattr(keyset, "SAMPLE", sample)
    Ticket.objects.bulk_create(Ticket(title=title) for title in "hbacdgbbfebah")
    wanted = list(Ticket.objects.order_by("title", "pk").values_list("pk", flat=True))
    for size in (1, 3, 4, 20):
        pages = walk(BY_TITLE, size=size, narrowed=True)
        assert [row.pk for page in pages for row in page.rows] == wanted
        assert {page.count for page in pages} == {min(13, sample)}


BY_TITLE = Sort("title", "title", "Title")
BACKWARDS = Sort("title", "title", "Title", descending=True)


@pytest.fixture
def five():
    return [Ticket.objects.create(title=title) for title in "abcde"]


@pytest.mark.parametrize(
    "cursor",
    ["", "0", "-1", "x", "1 or 1=1", "9" * 5_000, str(10**30), "1.5", "1e9", "\0", "é", "None", "999999999", "[]"],
)
@pytest.mark.parametrize("name", ["after", "before"])
def test_a_cursor_that_names_no_row_means_the_first_page(five, name, cursor):
    query = QueryDict(mutable=True)
    query[name] = cursor
    page = paginate(Ticket.objects.all(), params=query, sort=BY_TITLE, size=2)
    assert [row.title for row in page.rows] == ["a", "b"]
    assert page.first == 1
    assert page.previous_url == ""
    assert dict(parse_qsl(page.next_url[1:])) == {"after": str(five[1].pk), "from": "3"}


@pytest.mark.parametrize(
    ("start", "first"),
    [
        ("3", 3),
        ("", 1),
        ("x", 1),
        ("-7", 1),
        ("0", 1),
        ("٣", 1),
        ("9" * 12, 999_999_999_999),
        ("9" * 5_000, 1),
        ("1e3", 1),
    ],
)
def test_where_the_range_starts_is_only_a_label(five, start, first):
    query = QueryDict(mutable=True)
    query.update({"after": str(five[1].pk), "from": start})
    page = paginate(Ticket.objects.all(), params=query, sort=BY_TITLE, size=2)
    assert ([row.title for row in page.rows], page.first) == (["c", "d"], first)


def test_the_cursor_is_a_key_and_other_parameters_stay(five):
    page = page_of("?q=b+c&sort=-title&after=junk&from=7", BY_TITLE, size=2)
    assert page.next_url == f"?q=b+c&sort=-title&after={five[1].pk}&from=3"


def test_a_cursor_serves_after_its_row_left_the_filter(five):
    rows = Ticket.objects.exclude(pk=five[1].pk)
    query = QueryDict(f"after={five[1].pk}&from=3")
    found = {
        known: [row.title for row in paginate(rows, params=query, sort=BY_TITLE, size=2, positions=positions).rows]
        for known, positions in (("all", Ticket.objects.all), ("filtered", None))
    }
    assert found == {"all": ["c", "d"], "filtered": ["a", "c"]}


def test_a_page_back_at_the_beginning_may_be_shorter(five):
    page = page_of(f"?before={five[1].pk}&from=2", BY_TITLE, size=2)
    assert [row.title for row in page.rows] == ["a"]
    assert page.first == 1
    assert page.previous_url == ""
    assert page.next_url == f"?after={five[0].pk}&from=2"


@pytest.mark.parametrize(
    ("rows", "count", "label"),
    [
        (0, 0, "0"),
        (1, 1, "1"),
        (999, 999, "999"),
        (1_000, 1_000, "1,000"),
        (1_001, 1_001, "1,000+"),
        (1_500, 1_001, "1,000+"),
    ],
)
def test_counts_are_exact_to_a_thousand(rows, count, label):
    Ticket.objects.bulk_create(Ticket(title="x") for _number in range(rows))
    page = page_of("", BY_TITLE, size=50)
    assert bounded_count(Ticket.objects.all()) == count
    assert page.count_label == label
    assert page.range_label == ("" if not rows else f"1–{min(rows, 50)}")


def test_a_page_costs_the_same_wherever_it_is(five, django_assert_num_queries):
    for url in ("", f"?after={five[1].pk}", f"?before={five[3].pk}"):
        with django_assert_num_queries(3 if url else 2):
            page_of(url, BY_TITLE, size=2)


def test_the_deep_page_starts_inside_the_index(five):
    """Without `title >= x` beside the tie PostgreSQL reads the index from its start."""
    beyond = keyset.beyond(Ticket.objects.all(), "title", ("c", five[2].pk), upwards=True)
    assert '"title" >= ' in str(beyond.query)
