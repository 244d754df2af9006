"""What the address bar can ask of the admin: nothing that its lists do not offer, and no question breaks one.

On each commit some of the models are drawn; BATTERY=1 asks all.
"""

import re

import pytest
from django.apps import apps
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.messages.storage.fallback import FallbackStorage
from django.test import RequestFactory

from members.factories import EmploymentFactory, MemberFactory
from members.models import Member
from unionops.tests.admin_rows import ENTERING, VIEW, address, drawn, make_rows

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def people(everybody):
    return everybody


@pytest.fixture(scope="module")
def world(people, django_db_blocker):
    with django_db_blocker.unblock():
        make_rows(people)


MASK = re.compile(
    r'csrfmiddlewaretoken" value="\w+"|X-CSRFToken":"\w+|_changelist_filters=[^"]*|value="[^"]*" id="searchbar"'
)
HIT = {"last_name": "Zander", "date_of_birth": "1980-02-29", "notes": "owes money", "email": "zoe@people.example"}
MISS = {"last_name": "Zzzzz", "date_of_birth": "1999-12-31", "notes": "zzzz zzzzz", "email": "not@people.example"}
LOOKUPS = ["", "__exact", "__startswith", "__regex", "__gte", "__contains", "__in", "__iexact"]


def asked(browser, label: str, query: dict) -> tuple[int, str]:
    response = browser.get(address(label, "changelist"), query)
    text = MASK.sub("", response.text)
    return response.status_code, re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "", text)


@pytest.fixture
def zoe():
    return MemberFactory(first_name="Zoë", **HIT)


# Refused before any database is asked, so on a commit on one of them.
@pytest.mark.heavy
@pytest.mark.parametrize("field", HIT)
@pytest.mark.parametrize("lookup", LOOKUPS)
def test_a_field_that_no_filter_lists_answers_hit_and_miss_alike(client_of, zoe, field, lookup):
    EmploymentFactory(member=zoe)
    browser = client_of("staff")
    for label, prefix in (("members.member", ""), ("members.employment", "member__")):
        hit, miss = (asked(browser, label, {f"{prefix}{field}{lookup}": values[field]}) for values in (HIT, MISS))
        assert hit == miss
        assert hit[0] == 400


def test_a_stock_admin_would_tell(people, zoe):
    """The control: the same question to Django's own ModelAdmin is answered."""
    stock, found = ModelAdmin(Member, AdminSite()), []
    for values in (HIT, MISS):
        request = RequestFactory().get("/", {"notes__startswith": values["notes"]})
        request.user, request.session = people["staff"], {}
        request._messages = FallbackStorage(request)
        found.append(stock.get_changelist_instance(request).result_count)
    assert found == [1, 0]


@pytest.mark.heavy  # as above
@pytest.mark.parametrize(
    ("label", "name", "hit", "miss"),
    [
        ("accounts.user", "password__startswith", "argon2", "bcrypt"),
        ("accounts.user", "session_epoch__gte", "0" * 32, "f" * 32),
        ("accounts.user", "member__last_name__regex", "^A", "^Z"),
        ("accounts.user", "assignments__role__name", "admin", "zzz"),
        ("accounts.roleassignment", "user__password__startswith", "argon2", "bcrypt"),
        ("accounts.roleassignment", "role__permissions__codename", "view_member", "zzz"),
        ("members.organizationcontact", "notes__contains", "a", "zzzz"),
        ("members.organizationcontact", "organization__employments__member__email__startswith", "a", "zzz"),
        ("members.importrow", "raw__contains", "a", "zzz"),
        ("members.importrow", "batch__file_sha256__startswith", "0", "1"),
        ("members.member", "account__password__startswith", "argon2", "bcrypt"),
        ("members.member", "search_text__contains", "aalto", "zzz"),
        ("members.member", "pk__in", "1", "2"),
        ("members.member", "deleted_at__isnull", "True", "False"),
        ("core.auditevent", "body__contains", "a", "zzz"),
        ("core.auditevent", "mac__startswith", "a", "zzz"),
        ("core.savedfilter", "owner__password__startswith", "argon2", "bcrypt"),
    ],
)
def test_no_path_leads_to_what_is_not_listed(client_of, world, label, name, hit, miss):
    browser = client_of("admin")
    assert [asked(browser, label, {name: value})[0] for value in (hit, miss)] == [400, 400]


def test_order_and_search_reach_only_what_is_shown(client_of, zoe):
    browser = client_of("staff")
    MemberFactory(first_name="Ann", last_name="Berg", notes="aaa")
    names = sorted(Member.objects.values_list("last_name", flat=True))

    def shown(**query) -> list[str]:
        rows = browser.get(address("members.member", "changelist"), query).context["cl"].result_list
        return [row.last_name for row in rows]

    for order in ("1", "-1", "99", "notes", "1.2.3.-9", "9" * 5_000, "\0", "--1"):
        assert sorted(shown(o=order)) == names
    assert [shown(q=q) for q in ("zander", "owes money", "1980-02-29")] == [["Zander"], [], []]


@pytest.mark.parametrize(
    "query",
    [
        "when__year=9999",
        "at__year=9999",
        "at__gte=9999-12-31",
        "title__regex=(",
        "status__exact=%00",
        "status__exact=famous",
        "status__isnull=maybe",
        "is_active__exact=x",
        "is_active__isnull=%00",
        "is_primary__exact=2",
        "role__group_ptr__exact=x",
        "role__group_ptr__exact=99999999999999999999",
        "subject_type=%00",
        "action__exact=%00",
        "action=%ED%A0%80",
        "q=%00",
        "p=x",
        "p=-1",
        "p=99999999999999999999",
        "p=%00",
        "o=%00",
        "all=",
        "all=x",
        "e=1",
        "_popup=1",
        "_to_field=password",
        "_to_field=id",
        "_facets=True",
        "_changelist_filters=%00",
        "kind=%F0%9F%91%8D",
        "=",
        "%00=1",
        "outcome[]=new",
        "status=a&status=b",
    ],
)
def test_no_question_breaks_a_changelist(client_of, world, query, seed):
    browsers = {name: client_of(name, raise_request_exception=False) for name in ENTERING}
    statuses = {
        label: browsers[VIEW[label][0]].get(f"{address(label, 'changelist')}?{query}").status_code
        for label in drawn(seed, query, 6)
    }
    assert {label: status for label, status in statuses.items() if status not in (200, 302, 400, 403)} == {}


@pytest.mark.parametrize("size", [1_000, 200_000])
def test_long_searches_are_answered(client_of, world, size, seed):
    for label in drawn(seed, str(size), 5):
        browser = client_of(VIEW[label][0], raise_request_exception=False)
        for q in ("x" * size, "x " * (size // 2)):
            assert browser.get(address(label, "changelist"), {"q": q}).status_code == 200


@pytest.mark.parametrize(
    "key", ["x", "0", "-1", "9" * 30, "9" * 5_000, "_00", "_2F", "%ED%A0%80", "_f0_9f", "%2e%2e", "1_2C2", "None"]
)
def test_keys_of_nothing_lead_back_to_the_index(client_of, world, key, seed):
    browser, found = client_of("admin", raise_request_exception=False), {}
    # Those whose key is another record's ask the database in another way.
    borrowed = [label for label in VIEW if apps.get_model(label)._meta.pk.is_relation]
    for label in {*drawn(seed, key, 6), *borrowed}:
        for page in ("change", "history", "delete"):
            base = address(label, "changelist")
            found[label, page] = browser.get(f"{base}{key}/{page}/").status_code
    assert {key: status for key, status in found.items() if status not in (302, 400, 403, 404)} == {}
