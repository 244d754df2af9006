"""What two organizations are compared by: a name and a place without spelling."""

import re
from functools import lru_cache

from core.folding import fold, words

LEGAL_FORMS = frozenset(
    [
        "inc",
        "incorporated",
        "corp",
        "corporation",
        "co",
        "company",
        "companies",
        "llc",
        "lc",
        "llp",
        "lp",
        "ltd",
        "limited",
        "pllc",
        "plc",
        "pc",
        "na",
        "the",
    ]
)


@lru_cache(maxsize=4_096)
def name_key(name: str) -> str:
    """An organization's name without legal form, punctuation, case and spacing: "Acme, Inc." equals "ACME INC"."""
    folded = re.sub(r"\b([a-z])\.(?=[a-z]\b)", r"\1", fold(name).replace("&", " and ").replace("'", ""))
    found = re.findall(r"[^\W_]+", folded)
    kept = [word for word in found if word not in LEGAL_FORMS]
    return "".join(kept or found)[:200]


def place_key(city: str, state: str) -> str:
    return "".join(words(city)) + "/" + state.strip().lower()
