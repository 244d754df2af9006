import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.search import is_lone_short_word, search
from members.factories import MemberFactory, OrganizationFactory
from members.models import Member, Organization, SearchWord
from members.services.employments import add_employment
from members.services.members import create_member
from members.services.search import forgive, is_one_slip, remember_words, similar_words, variants_of


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("smith", "smith", False),
        ("smith", "smit", True),
        ("smith", "smiths", True),
        ("smith", "amith", True),
        ("smith", "smyth", True),
        ("smith", "smiht", True),
        ("smith", "msith", True),
        ("smith", "mith", True),
        ("smith", "smthi", False),
        ("smith", "smythe", False),
        ("smith", "sm", False),
        ("garcia", "garica", True),
    ],
)
def test_is_one_slip(first, second, expected):
    assert (is_one_slip(first, second), is_one_slip(second, first)) == (expected, expected)


letters = st.text("abcd", min_size=4, max_size=9)


@given(letters, letters)
def test_words_one_slip_apart_share_a_variant(first, second):
    if is_one_slip(first, second):
        assert variants_of(first) & variants_of(second)


@pytest.fixture
def people_found(db, people):
    """Return what was typed → names found; the services make the members, as in the portal."""
    staff = people["staff"]
    creek = OrganizationFactory(name="Kettle Creek Electric")
    listed = [
        ("104233", "María", "García", "m.garcia@union.example", "+13125550123"),
        ("104234", "Ana", "Garza", "", "+13095550142x7"),
        ("A77", "Siobhán", "O'Brien", "", ""),
        ("12", "Bo", "Li", "", ""),
    ]
    for number, first, last, email, phone in listed:
        values = {"member_number": number, "first_name": first, "last_name": last, "email": email, "phone": phone}
        member = create_member(values, actor=staff)
        if number == "A77":
            add_employment(member, {"organization": creek}, actor=staff)

    def find(text):
        return list(search(Member.objects.all(), text).order_by("sort_name").values_list("last_name", flat=True))

    return find


FOUND = {
    "garcia": ["García"],
    "GARCÍA maría": ["García"],
    "maria gar": ["García"],
    "gar": ["García", "Garza"],
    "arz": ["Garza"],
    "obrien": ["O'Brien"],
    "O’Brien": ["O'Brien"],
    "o brien": ["O'Brien"],
    "104233": ["García"],
    "10423": ["García", "Garza"],
    "a77": ["O'Brien"],
    "12": ["Li"],
    "m.garcia@union.example": ["García"],
    "(312) 555-0123": ["García"],
    "312-555": ["García"],
    "555 0142": ["Garza"],
    "kettle siobhan": ["O'Brien"],
    "kettle garcia": [],
    "li": ["Li"],
    "l": ["Li"],
    "g": ["García", "Garza"],
    "bo li": ["Li"],
    "nobody": [],
    "%": [],
    "   ": [],
}


def test_search_finds_by_every_word(people_found):
    assert {text: people_found(text) for text in FOUND} == FOUND


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("li", True),
        (" Li. ", True),
        ("12", True),
        ("王", True),
        ("lin", False),
        ("bo li", False),
        ("小明", False),
        ("", False),
    ],
)
def test_is_lone_short_word(text, expected):
    assert is_lone_short_word(text) is expected


SEVERAL_WORDS = {
    "小明": ["王"],
    "王小明": ["王"],
    "王": ["王"],
    "delacruz": ["De la Cruz"],
    "de la cruz": ["De la Cruz"],
    "stjohn": ["St. John"],
    "st john": ["St. John"],
    "smithjones": ["Smith-Jones"],
    "jones": ["Smith-Jones"],
    "maryann": ["O'Hara"],
}


@pytest.mark.django_db
def test_a_name_of_several_words_or_of_two_letters_is_found_as_it_is_typed():
    for first, last in (
        ("小明", "王"),
        ("Ana", "De la Cruz"),
        ("Ivo", "St. John"),
        ("Eve", "Smith-Jones"),
        ("Mary Ann", "O'Hara"),
    ):
        MemberFactory(first_name=first, last_name=last, email="")
    found = {text: [member.last_name for member in search(Member.objects.all(), text)] for text in SEVERAL_WORDS}
    assert found == SEVERAL_WORDS


# What is typed → who is found, and for what it was taken.
FORGIVEN = {
    "garsia": (["García"], {"garsia": ["garcia"]}),
    "maria gracia": (["García"], {"gracia": ["garcia"]}),
    "siobhn obriem": (["O'Brien"], {"siobhn": ["siobhan"], "obriem": ["obrien"]}),
    "gara": (["Garza"], {"gara": ["garza"]}),
    "anna garza": (["Garza"], {"anna": ["ana"]}),
    "wilson": ([], {}),
    "garsia 999999": ([], {}),
    "grz": ([], {}),
    "104333": ([], {}),
    "": ([], {}),
}


def test_forgive_reads_a_word_as_a_name_one_slip_away(people_found):
    found = {}
    for text in FORGIVEN:
        rows, taken_for = forgive(Member.objects.all(), text)
        found[text] = (list(rows.order_by("sort_name").values_list("last_name", flat=True)), taken_for)
    assert found == FORGIVEN


@pytest.mark.django_db
def test_forgive_doubts_every_word_when_each_exists_but_not_together():
    for first, last in (("Marie", "Lopez"), ("Maria", "Lopes"), ("Marie", "Jones")):
        member = MemberFactory(first_name=first, last_name=last)
        remember_words([member.full_name])
    rows, corrections = forgive(Member.objects.all(), "marie lopes")
    assert sorted(rows.values_list("first_name", "last_name")) == [("Maria", "Lopes"), ("Marie", "Lopez")]
    assert corrections == {"marie": ["maria"], "lopes": ["lopez"]}


@pytest.mark.django_db
def test_organizations_are_searched_the_same_way():
    creek = OrganizationFactory(name="Peña Brothers Concrete", city="Pekin", state="IL")
    OrganizationFactory(name="Pena Supply", city="Peoria", state="IL")
    remember_words([creek.name])
    assert list(search(Organization.objects.all(), "concrete pekin pena")) == [creek]
    rows, corrections = forgive(Organization.objects.all(), "brohters")
    assert (list(rows), corrections) == ([creek], {"brohters": ["brothers"]})


@pytest.mark.django_db
def test_remember_words_keeps_each_name_once_and_no_numbers():
    remember_words(["Anna Muñoz", "anna", "A77 Bo Al 12345", "x" * 41])
    kept = set(SearchWord.objects.values_list("variant", "word"))
    expected = {(variant, word) for word in ("anna", "munoz") for variant in variants_of(word)}
    assert kept == expected
    remember_words(["Anna"])
    assert SearchWord.objects.count() == len(expected)


@pytest.mark.django_db
def test_similar_words_costs_one_statement_and_another_where_something_is_near(django_assert_num_queries):
    remember_words(["smith", "smyth", "jones"])
    MemberFactory(first_name="Jones", last_name="Smith")
    with django_assert_num_queries(2):
        found = similar_words(["smiht", "jone", "wilson"], Member.objects.all())
    assert found == {"smiht": ["smith"], "jone": ["jones"]}
    with django_assert_num_queries(1):
        assert similar_words(["wilson"], Member.objects.all()) == {}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "expected"),
    [("garcai", {}), ("garzas", {"garzas": ["garza"]}), ("annas", {}), ("ziegle", {"ziegle": ["ziegler"]})],
)
def test_a_word_is_corrected_only_to_a_whole_word_of_the_rows_that_are_given(typed, expected):
    seen = MemberFactory(first_name="Garza", last_name="Ziegler", middle_name="Annabel", email="")
    MemberFactory(first_name="Anna", last_name="Garcia")
    remember_words(["Garza Ziegler Annabel", "Anna Garcia"])
    assert forgive(Member.objects.filter(pk=seen.pk), typed)[1] == expected


@pytest.mark.django_db
def test_the_words_of_others_do_not_crowd_out_one_that_is_seen():
    others = [f"smit{letter}" for letter in "abcdefgh"]
    seen = MemberFactory(first_name="Ivo", last_name="Smitz")
    remember_words([*others, "smitz"])
    for name in others:
        MemberFactory(first_name="Ivo", last_name=name)
    assert forgive(Member.objects.filter(pk=seen.pk), "smitq")[1] == {"smitq": ["smitz"]}


@pytest.mark.django_db
def test_a_members_row_holds_what_is_searched():
    member = MemberFactory(
        member_number="7",
        first_name="Anna",
        middle_name="",
        last_name="Groß",
        email="a.g@b.example",
        phone="+13125550123x4",
    )
    assert member.search_text == " anna gross 7 a g b example 131255501234"
