import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from members.factories import AS_OF, ContactFactory, EmploymentFactory, MemberFactory, OrganizationFactory
from members.models import Employment, Member, Organization, SearchWord

pytestmark = pytest.mark.django_db


def test_a_member_has_names_for_lists_and_sentences():
    member = MemberFactory(first_name="Ana", middle_name="M.", last_name="Núñez")
    assert str(member) == "Ana M. Núñez"
    assert member.full_name == "Ana M. Núñez"
    assert member.list_name == "Núñez, Ana M."
    assert member.sort_name == "nunez ana m"
    assert member.get_absolute_url() == reverse("member_detail", args=[member.pk])


def test_names_sort_by_bytes_on_both_databases():
    for last_name in ("Zed", "de la Cruz", "O'Brien", "Obrien Zoe", "Núñez", "…"):
        MemberFactory(first_name="A", last_name=last_name)
    ordered = list(Member.objects.order_by("sort_name").values_list("sort_name", flat=True))
    assert ordered == sorted(ordered) == ["a", "de la cruz a", "nunez a", "obrien a", "obrien zoe a", "zed a"]


def test_a_record_without_a_letter_in_its_name_comes_last():
    assert OrganizationFactory(name="…").sort_name == "~"


@pytest.mark.parametrize("status", ["active", "retired", "deceased"])
def test_a_member_has_a_number_unless_represented(status):
    with pytest.raises(IntegrityError), transaction.atomic():
        MemberFactory(member_number=None, status=status)
    MemberFactory(member_number="", status="represented_non_member")
    assert list(Member.objects.values_list("member_number", flat=True)) == [None]


def test_a_number_stays_taken_after_the_record_is_deleted():
    MemberFactory(member_number="7", deleted_at="2026-01-01T00:00Z")
    with pytest.raises(IntegrityError), transaction.atomic():
        MemberFactory(member_number="7")


def test_current_employers_are_part_of_the_search_text():
    job = EmploymentFactory(member__member_number="7", organization__name="Kettle Creek")
    EmploymentFactory(member=job.member, organization__name="Former Place", end_date=AS_OF)
    assert job.member.current_employer_names() == ["Kettle Creek"]
    job.member.save()
    assert "kettle creek" in job.member.search_text
    assert "former" not in job.member.search_text


def test_one_current_employment_at_one_place():
    job = EmploymentFactory()
    EmploymentFactory(member=job.member, organization=job.organization, end_date=AS_OF)
    with pytest.raises(IntegrityError), transaction.atomic():
        EmploymentFactory(member=job.member, organization=job.organization)
    assert Employment.objects.count() == 2


@pytest.mark.parametrize("values", [{"hourly_rate": -1}, {"end_date": "1950-01-01"}])
def test_the_database_refuses_impossible_employments(values):
    with pytest.raises(IntegrityError), transaction.atomic():
        EmploymentFactory(**values)


def test_one_main_contact_for_each_organization():
    contact = ContactFactory(is_primary=True)
    ContactFactory(organization=contact.organization)
    with pytest.raises(IntegrityError), transaction.atomic():
        ContactFactory(organization=contact.organization, is_primary=True)


def test_clean_says_at_the_field_what_a_constraint_would_say_of_the_row():
    member = MemberFactory.build(member_number="", status="active")
    with pytest.raises(ValidationError) as refusal:
        member.full_clean()
    assert refusal.value.message_dict == {
        "member_number": ["Enter the member number. Only a represented non-member may have none."]
    }
    job = EmploymentFactory()
    job.end_date = AS_OF.replace(year=1950)
    with pytest.raises(ValidationError) as refusal:
        job.full_clean()
    assert refusal.value.message_dict == {"end_date": ["The employment cannot end before it starts."]}


def test_a_search_word_is_kept_once_for_each_variant():
    SearchWord.objects.create(variant="ann", word="anna")
    with pytest.raises(IntegrityError), transaction.atomic():
        SearchWord.objects.create(variant="ann", word="anna")


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite's small tables do without")
def test_the_search_text_is_indexed_by_trigrams():
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE indexdef LIKE '%%gin_trgm_ops%%' ORDER BY 1")
        assert {name for (name,) in cursor.fetchall()} >= {"member_search", "organization_search"}


def test_an_organization_knows_its_place_and_name_for_matching():
    acme = OrganizationFactory(name="Acme, Inc.", city="St. Louis", state="MO", email="a@acme.example", phone="")
    assert (acme.name_key, acme.place_key) == ("acme", "stlouis/mo")
    assert acme.search_text == " acme inc st louis missouri mo a example"
    assert Organization.objects.get(name_key="acme") == acme
