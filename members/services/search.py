"""Finding names one slip away, for a search that found nothing; see core.search."""

from collections.abc import Iterable

from django.db import models
from django.db.models import Exists, F, Q

from core.db.insert import insert_missing
from core.db.one_of import Among
from core.folding import words
from core.search import holds, holds_whole, search_words
from members.models import SearchWord

SHORTEST_CORRECTED = 4
SHORTEST_REMEMBERED = 3
LONGEST_REMEMBERED = 40
MOST_CORRECTIONS = 8
INSERT_BATCH = 2_000


def forgive(queryset: models.QuerySet, text: str) -> tuple[models.QuerySet, dict[str, list[str]]]:
    """For a search that found nothing: rows that hold the words, or names one slip from them.

    Returns the rows and, for each word that was replaced, what it was taken for: only words that `queryset` holds, for
    they are told to whoever asks. A slip is one letter too many, too few or wrong, or two neighbours changed over.
    """
    found = search_words(text)
    missing = found if len(found) == 1 else [word for word in found if not queryset.filter(holds(word)).exists()]
    doubtful = [word for word in missing or found if _correctable(word)]
    corrections = similar_words(doubtful, queryset)
    if not corrections or any(word not in corrections for word in missing):
        return queryset.none(), {}
    for word in found:
        either = Q() if word in missing else holds(word)
        near = corrections.get(word, ())
        for other in near:
            if not any(part in other for part in near if part != other):  # "smit" finds "smith" too
                either |= holds(other)
        queryset = queryset.filter(either)
    return queryset, corrections


def _correctable(word: str) -> bool:
    return word.isalpha() and SHORTEST_CORRECTED <= len(word) <= LONGEST_REMEMBERED


def _memorable(word: str) -> bool:
    return word.isalpha() and SHORTEST_REMEMBERED <= len(word) <= LONGEST_REMEMBERED


def similar_words(misspelt: Iterable[str], rows: models.QuerySet) -> dict[str, list[str]]:
    """Words one slip from each of `misspelt` that stand in `rows`; one that resembles nothing there is left out."""
    near = _remembered_near(misspelt)
    seen = _standing_in(rows, set().union(*near.values()))
    found = {word: [other for other in others if other in seen][:MOST_CORRECTIONS] for word, others in near.items()}
    return {word: others for word, others in found.items() if others}


def _remembered_near(misspelt: Iterable[str]) -> dict[str, list[str]]:
    """Of everybody's names: not to be told before it is known that the person sees a row with the word."""
    variants = {word: variants_of(word) for word in misspelt}
    wanted = set().union(*variants.values())
    by_variant: dict[str, set[str]] = {}
    for variant, word in SearchWord.objects.filter(variant__in=wanted).values_list("variant", "word"):
        by_variant.setdefault(variant, set()).add(word)
    result = {}
    for word, forms in variants.items():
        candidates = set().union(*(by_variant.get(form, ()) for form in forms))
        result[word] = sorted(other for other in candidates if is_one_slip(word, other))
    return result


def _standing_in(rows: models.QuerySet, remembered: set[str]) -> set[str]:
    """Those of `remembered` that are a whole word of some row, in one statement."""
    is_held = Q()
    for word in sorted(remembered):
        is_held |= Q(Exists(rows.filter(holds_whole(word))), variant=word)
    if not remembered:
        return set()
    return set(SearchWord.objects.filter(is_held, word=F("variant")).values_list("word", flat=True))


def variants_of(word: str) -> set[str]:
    """The word, and the word without each one of its letters: two words one slip apart share one of them."""
    return {word} | {word[:at] + word[at + 1 :] for at in range(len(word))}


def is_one_slip(first: str, second: str) -> bool:
    """Whether the optimal string alignment distance is exactly 1."""
    if len(first) > len(second):
        first, second = second, first
    if first == second or len(second) - len(first) > 1:
        return False
    at = next((index for index, pair in enumerate(zip(first, second, strict=False)) if pair[0] != pair[1]), len(first))
    if len(first) < len(second):
        return first[at:] == second[at + 1 :]
    swapped = first[at + 1 : at + 2] + first[at : at + 1] + first[at + 2 :]
    return first[at + 1 :] == second[at + 1 :] or swapped == second[at:]


def remember_words(texts: Iterable[str]) -> None:
    """Keep the words of names so that slips can be forgiven. Never give it e-mail addresses or numbers."""
    wanted = sorted({word for text in texts for word in words(text) if _memorable(word)})
    for start in range(0, len(wanted), INSERT_BATCH):
        batch = wanted[start : start + INSERT_BATCH]
        whole = SearchWord.objects.filter(Among("variant", batch), word=F("variant"))
        known = set(whole.values_list("word", flat=True))
        new = [(variant, word) for word in batch if word not in known for variant in sorted(variants_of(word))]
        insert_missing(SearchWord, ("variant", "word"), new)
