"""Whether two members' data speak of one person. The importer asks it of rows, the form of a new member too."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from core.db.one_of import Among
from core.folding import sort_key, words
from members.models import Member, MemberQuerySet

# Short forms that are no beginning of the whole name; a name may be short for several.
SHORT_FORMS = (
    "al albert alan alfred|alex alexander alexandra|abe abraham|andy andrew|art arthur|barb barbara|becky rebecca"
    "|bess beth betty liz lizzie libby elizabeth|bill billy will willie liam william|bob bobby rob robbie robert"
    "|cathy kathy kate katie kay catherine katherine kathleen|charlie chuck chas charles|chris christopher christina"
    "|cindy cynthia|dan danny daniel|dave david|deb debbie deborah|dick rick ricky rich richie richard|don donald"
    "|ed eddie ted teddy edward edwin edmund theodore|fran frank francis frances franklin|fred freddie frederick"
    "|gene eugene|gerry jerry gerald gerard jerome|greg gregory|hank harry henry harold|jack johnny john jon jonathan"
    "|jake jacob|jim jimmy jamie james|joe joey joseph|josh joshua|judy judith|ken kenny kenneth|larry lawrence"
    "|len lenny leonard|lou louie louis|maggie meg peggy margaret|mandy amanda|matt matthew|mike mickey michael miguel"
    "|mitch mitchell|nancy ann anne anna|nate nathan nathaniel|nick nicholas|pat patty patrick patricia|pete peter"
    "|phil philip phillip|ron ronnie ronald|sam samuel samantha|sandy sandra|steve steven stephen|sue susie susan"
    "|tim timmy timothy|tom tommy thomas|tony anthony antonio|vic victor|vince vincent|walt walter|wes wesley"
    "|pepe jose|paco pancho francisco|nacho ignacio|lupe guadalupe|memo guillermo|beto alberto roberto|chuy jesus"
)
GROUPS = [frozenset(group.split()) for group in SHORT_FORMS.split("|")]
CONTACTS = ("email", "phone")
SHORTEST_BEGINNING = 3
NO_BIRTHDAY = "1900-01-01"  # what programs write for a birthday that they do not know


def are_related(one: str, other: str) -> bool:
    """Whether two first names may be one: equal but for a slip, short for the other, its beginning or its initial."""
    first, second = (words(text)[:1] for text in (one, other))
    if not first or not second:
        return True
    short, long = sorted((first[0], second[0]), key=len)
    if short == long or (len(short) == 1 and long.startswith(short)):
        return True
    if len(short) >= SHORTEST_BEGINNING and (long.startswith(short) or _is_slip(short, long)):
        return True
    return any(short in group and long in group for group in GROUPS)


def _is_slip(short: str, long: str) -> bool:
    """One letter more or another letter: Ana and Anna, Jon and Jan."""
    same = next((at for at, (one, other) in enumerate(zip(short, long, strict=False)) if one != other), len(short))
    return short[same:] == long[same + 1 :] or short[same + 1 :] == long[same + 1 :]


def person_key(values: Mapping[str, Any]) -> str:
    return sort_key(values.get("last_name") or "", values.get("first_name") or "")


def born(values: Mapping[str, Any]) -> str:
    """The birthday as text, when it tells anything."""
    text = str(values.get("date_of_birth") or "")
    return "" if text == NO_BIRTHDAY else text


def contact_keys(values: Mapping[str, Any]) -> list[str]:
    return [str(values[name]).casefold() for name in CONTACTS if values.get(name)]


def is_alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Two of name, birthday and contact agree; or birthday and last name, and the first names are related."""
    same_birthday = bool(born(one)) and born(one) == born(other)
    same_contact = not set(contact_keys(one)).isdisjoint(contact_keys(other))
    if person_key(one) == person_key(other):
        return same_birthday or same_contact
    if not same_birthday:
        return False
    same_family = sort_key(one.get("last_name") or "") == sort_key(other.get("last_name") or "")
    return same_contact or (same_family and are_related(one.get("first_name") or "", other.get("first_name") or ""))


def is_contradicted(values: Mapping[str, Any], member: Member) -> bool:
    """Another birthday, and another first or last name: another person, whatever the number says."""
    birthdays = born(values), born(facts_of(member))
    if not all(birthdays) or birthdays[0] == birthdays[1]:
        return False
    same_family = sort_key(values["last_name"]) == sort_key(member.last_name)
    return not (same_family and are_related(values["first_name"], member.first_name))


def facts_of(member: Member) -> dict[str, Any]:
    names = ("last_name", "first_name", "date_of_birth", *CONTACTS)
    return {name: getattr(member, name) for name in names}


def perhaps_alike(members: MemberQuerySet, people: Sequence[Mapping[str, Any]]) -> MemberQuerySet:
    """Living members of whom `is_alike` may be true for one of `people`; read by index."""
    birthdays = {text for values in people if (text := born(values))}
    names = {person_key(values) for values in people}
    contact = Q(pk__in=())
    for name in CONTACTS:
        texts = {str(values[name]) for values in people if values.get(name)}
        contact |= Q(Among(name, texts | {text.lower() for text in texts}))
    family = {form for values in people for form in _forms(str(values.get("last_name") or ""))}
    born_then = Q(Among("date_of_birth", birthdays))
    by_birthday = born_then & (contact | Q(Among("last_name", family)))
    by_name = Q(Among("sort_name", names)) & (contact | born_then)
    return members.alive().filter(by_birthday | by_name)


def _forms(text: str) -> Iterable[str]:
    return (text, text.title(), text.upper())


def alike(members: MemberQuerySet, values: Mapping[str, Any], *, but: int | None = None) -> list[Member]:
    """The living members who may be the person that `values` speak of, by key."""
    found = perhaps_alike(members, [values]).exclude(pk=but).order_by("pk")
    return [member for member in found if is_alike(values, facts_of(member))]


def why_alike(values: Mapping[str, Any], member: Member) -> str:
    """What agrees, in words."""
    facts = facts_of(member)
    said = []
    if person_key(values) == person_key(facts):
        said.append(_("name"))
    elif sort_key(values.get("last_name") or "") == sort_key(member.last_name):
        said.append(_("last name"))
    if born(values) and born(values) == born(facts):
        said.append(_("birthday"))
    if values.get("email") and str(values["email"]).casefold() == member.email.casefold():
        said.append(_("e-mail address"))
    if values.get("phone") and values["phone"] == member.phone:
        said.append(_("phone"))
    return ", ".join(said)
