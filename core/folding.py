"""Text as search and matching see it: no accents, no case, no punctuation. The same on both databases."""

import re
import unicodedata

WORD = re.compile(r"[^\W_]+")
# Small letters that NFKD leaves whole but people type without.
PLAIN = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "ħ": "h", "ı": "i", "ð": "d", "þ": "th", "’": "'", "‘": "'"}
)


def fold(text: str) -> str:
    """Lower case, accents removed, spaces single."""
    if text.isascii():  # nearly all text, and quickly done
        return " ".join(text.lower().split())
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(kept.casefold().translate(PLAIN).split())


def words(text: str) -> list[str]:
    """Folded words of letters and digits; an apostrophe inside a name joins it (O'Brien → obrien)."""
    if text.isascii():
        return [text.lower()] if text.isalnum() else WORD.findall(text.lower().replace("'", ""))
    return WORD.findall(fold(text).replace("'", ""))


def digits(text: str) -> str:
    return "".join(char for char in text if char in "0123456789")


def sort_key(*parts: str) -> str:
    return " ".join(word for part in parts for word in words(part))[:200]
