"""Which column is proposed for which field, what is remembered, what cannot work."""

import pytest

from core.errors import DomainError
from core.imports.mapping import headers_key, misfits, propose, remember, require_usable, suggest
from members.imports.lists import LISTS
from members.models import ColumnMapping

pytestmark = pytest.mark.django_db


def test_columns_are_proposed_by_name_and_by_values():
    found = propose(
        LISTS["members"],
        {
            "MEM_NO": ["101", "A102"],
            "LName": ["Lee"],
            "FNAME": ["Ann"],
            "Birthdate": ["2/3/1958"],
            "Hm Address": ["1 Main St"],
            "ST": ["IL", "Indiana"],
            "Reach at": ["(309) 555-0147", "309 555 0148"],
            "Write to": ["ann@example.org"],
            "Employer City": ["Pekin"],
            "City": ["Peoria"],
            "Employer": ["Alder"],
            "Seniority": ["7"],
        },
    )

    assert found == {
        "MEM_NO": "member_number",
        "LName": "last_name",
        "FNAME": "first_name",
        "Birthdate": "date_of_birth",
        "Hm Address": "address",
        "ST": "state",
        "Employer City": "employer_city",
        "City": "city",
        "Employer": "employer",
    }


def test_values_alone_only_suggest():
    samples = {"Name": ["Lee, Ann"], "Reach at": ["(309) 555-0147", "309 555 0148"], "Write to": ["ann@example.org"]}
    samples |= {"Supervisor Email": ["boss@example.org"], "Spouse’s": ["spouse@example.org"]}
    samples |= {"Children": ["(309) 555-0149"], "Beneficiaries": ["(309) 555-0150"]}
    found = propose(LISTS["members"], samples)

    assert found == {"Name": "full_name"}
    assert suggest(LISTS["members"], samples, found) == {"Reach at": "phone", "Write to": "email"}


def test_an_exact_name_is_proposed_and_says_what_does_not_fit():
    samples = {"Name": ["Alder"], "State": ["Open", "IL"], "Phone": ["555-0123"], "Zip": ["61602"]}
    found = propose(LISTS["organizations"], samples)

    assert found == {"Name": "name", "State": "state", "Phone": "phone", "Zip": "zip_code"}
    assert misfits(LISTS["organizations"], samples, found) == {"State": 1, "Phone": 1}


@pytest.mark.parametrize(
    "header",
    [
        "Supervisor Email",
        "Spouse Phone",
        "Emergency Contact Phone",
        "Beneficiary Name",
        "Employer Address",
        "License State",
        "Work Phone",
        "Local No",
        "County Name",
        "Spouse's Email",
        "Spouse’s DOB",
        "Supervisor's Phone",
        "Emerg Phone",
        "Children DOB",
        "Children's Name",
        "Wives Phone",
        "Beneficiaries Name",
        "Dependents’ Birth Date",
    ],
)
def test_a_column_about_somebody_else_is_not_proposed(header):
    samples = {"First Name": ["Ann"], "Last Name": ["Lee"], header: []}

    assert propose(LISTS["members"], samples) == {"First Name": "first_name", "Last Name": "last_name"}


def test_details_of_a_job_are_not_proposed_without_the_employer():
    samples = {"Name": ["Lee, Ann"], "Hourly Rate": ["31"], "Card No": ["77"]}

    assert propose(LISTS["members"], samples) == {"Name": "full_name", "Card No": "member_number"}


def test_social_security_numbers_are_never_proposed():
    values = ["078-05-1120", "219-09-9999", ""]
    assert propose(LISTS["members"], {"Name": ["Lee, Ann"], "Member No": values}) == {"Name": "full_name"}


def test_an_accepted_mapping_is_remembered_for_the_same_headers():
    remember(LISTS["members"], ["Who", "Code"], {"Who": "full_name", "Code": "member_number"})

    assert headers_key(["Who", "Code"]) == headers_key(["code", " WHO "]) != headers_key(["Who", "Code", "More"])
    assert propose(LISTS["members"], {"CODE": ["x"], "who": ["y"]}) == {"who": "full_name", "CODE": "member_number"}
    assert propose(LISTS["organizations"], {"Code": ["x"], "Who": ["y"]}) == {}

    remember(LISTS["members"], ["Code", "Who"], {"Who": "full_name"})
    assert [item.mapping for item in ColumnMapping.objects.all()] == [{"who": "full_name"}]


@pytest.mark.parametrize(
    ("kind", "mapping", "sentence"),
    [
        ("organizations", {}, "Say which column holds the name; without it no row can be imported."),
        (
            "members",
            {"A": "last_name"},
            "Say which column holds the name: the full name, or the first and the last name.",
        ),
        (
            "members",
            {"A": "full_name", "B": "last_name"},
            "Match either the full name or the first and the last name, not both.",
        ),
        (
            "members",
            {"A": "full_name", "B": "job_title"},
            "Job title, rate, start date and place of work need the column that names the employer.",
        ),
        (
            "organizations",
            {"A": "name", "B": "name"},
            "Two columns are matched to “Name”. Keep one and ignore the other.",
        ),
        ("organizations", {"Z": "name"}, "The file has no column “Z”."),
        ("organizations", {"A": "member_number"}, "“member_number” is not a field of this list."),
    ],
)
def test_mappings_that_cannot_work(kind, mapping, sentence):
    with pytest.raises(DomainError) as caught:
        require_usable(LISTS[kind], ["A", "B"], mapping)

    assert caught.value.sentence == sentence
