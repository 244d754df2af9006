"""Names as frequent as they are in a large union: few families are many, very many are few."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from itertools import accumulate
from random import Random

FAMILY_NAMES = 40_000
# (rank, share of all people), after the United States census of 2010; between two points log(share) is linear.
SHARES = ((1, 0.0083), (10, 0.0031), (100, 0.00083), (1_000, 0.00012), (10_000, 0.0000117), (FAMILY_NAMES, 0.0000015))
# The order is that of rank: the thousand most frequent American names, then names that came from elsewhere.
LOCALES = ("en_US", "es_MX", "en_IE", "it_IT", "pl_PL", "de_DE", "fr_FR", "sv_SE", "nl_NL", "es_ES", "hr_HR", "fi_FI")


def share_of(rank: int) -> float:
    at = max(1, bisect_left([point for point, _share in SHARES], rank))
    (low, low_share), (high, high_share) = SHARES[at - 1], SHARES[min(at, len(SHARES) - 1)]
    part = math.log(rank / low) / math.log(high / low) if rank > low else 0
    return low_share * (high_share / low_share) ** part


def _names_of(locale: str, kind: str) -> list[str]:
    provider = import_module(f"faker.providers.person.{locale}").Provider
    names = getattr(provider, kind, ())
    return sorted(names, key=lambda name: -names[name]) if isinstance(names, dict) else list(names)


@cache
def family_names() -> list[str]:
    """By rank; where the lists of real names end, new ones are put together from their beginnings and ends."""
    known = dict.fromkeys(
        name for locale in LOCALES for name in _names_of(locale, "last_names") if len(name) < 30 and " " not in name
    )
    random, real = Random(1), [name for name in known if len(name) >= 6]
    while len(known) < FAMILY_NAMES:
        known[random.choice(real)[:-3] + random.choice(real)[-4:]] = None
    return list(known)


@cache
def family_weights() -> list[float]:
    return list(accumulate(share_of(rank) for rank in range(1, len(family_names()) + 1)))


@cache
def given_names() -> tuple[list[str], list[float]]:
    """The names and their cumulated weights, as frequent as Faker's American list says."""
    provider = import_module("faker.providers.person.en_US").Provider
    weights = {**provider.first_names_female, **provider.first_names_male}
    rare = {name: min(weights.values()) for locale in ("es_MX", "pl_PL", "en_IE") for name in _given(locale)}
    weights = rare | weights
    return list(weights), list(accumulate(weights.values()))


def _given(locale: str) -> Sequence[str]:
    return [name for name in _names_of(locale, "first_names") if " " not in name]


def draw(random: Random, names: Sequence[str], weights: Sequence[float], count: int) -> list[str]:
    return random.choices(names, cum_weights=weights, k=count)
