"""Articles of contracts as people type them, folded, so that one article counts once. Pure."""

import re
import unicodedata

from core.folding import words

LONGEST = 100
ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
NUMBER = r"(?:[0-9]{1,3}[a-z]?|[ivxlc]{1,8})"
# “Art. 12”, “Articles 5 and 12”, wherever in the text.
NAMED = re.compile(rf"\bart(?:icles?|s)?\b[.:]?\s*#?({NUMBER}\b(?:\s*(?:,|&|\+|and|/)\s*{NUMBER}\b)*)")
# “12”, “12.3”, “12, Section 3”, “12 § 3”: a number alone, or with its section.
ALONE = re.compile(r"\s*#?([0-9]{1,3}[a-z]?)\s*(?:$|[.,:;/§(–—-]|sec(?:tion|t)?\b)")


def article_key(text: str) -> str:
    """What two spellings of one article share: its number or numbers, or else its folded words; "" of nothing.

    Sections do not tell articles apart: “Art. 12.3” and “ARTICLE XII” are both “12”.
    """
    written = unicodedata.normalize("NFKC", text).casefold()
    if named := NAMED.search(written):
        found = [_number(part) for part in re.findall(rf"\b{NUMBER}\b", named[1])]
        return ", ".join(dict.fromkeys(found))[:LONGEST]
    if alone := ALONE.match(written):
        return _number(alone[1])
    return " ".join(words(text))[:LONGEST]


def _number(text: str) -> str:
    """“012b” is “12b”, “xiv” is “14”."""
    if text[0].isdigit():
        return text.lstrip("0") or "0"
    values = [ROMAN[letter] for letter in text]
    following = [*values[1:], 0]
    return str(sum(-here if here < after else here for here, after in zip(values, following, strict=True)))


def is_number(key: str) -> bool:
    return key[:1].isdigit()
