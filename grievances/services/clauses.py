"""Splits the text of a contract, as somebody pastes it, into articles and sections. Pure."""

import re
from collections.abc import Iterator

ARTICLE = re.compile(
    r"^\s*(art(?:icle|\.)?\s+([0-9]{1,3}[a-z]?|[ivxlc]{1,8}))\b[\s.:\u2013\u2014-]*(.*)$", re.IGNORECASE
)
SECTION = re.compile(
    r"^\s*(?:(?:sec(?:tion|\.)?|§)\s*([0-9]{1,3}(?:\.[0-9]{1,3})?[a-z]?)|([0-9]{1,3}\.[0-9]{1,3}))\b[\s.:\u2013\u2014-]*(.*)$",
    re.IGNORECASE,
)
TITLE_LENGTH = 200
LONGEST = 20_000


def split(text: str) -> list[dict[str, str]]:
    """Fields of AgreementClause for each section; an article without sections is one. Empty without an article."""
    return [part for part in _parts(text) if part["text"] or part["title"]]


def _parts(text: str) -> Iterator[dict[str, str]]:
    article, part = "", None
    for line in text.splitlines():
        if match := ARTICLE.match(line):
            if part:
                yield _closed(part)
            article = f"Article {match[2].upper() if not match[2].isdigit() else match[2]}"
            part = _begun(article, "", match[3])
        elif article and (match := SECTION.match(line)):
            if part:
                yield _closed(part)
            part = _begun(article, f"Section {match[1] or match[2]}", match[3])
        elif part is not None:
            part["text"] += line.rstrip() + "\n"
    if part:
        yield _closed(part)


def _begun(article: str, section: str, rest: str) -> dict[str, str]:
    """A short rest of the line is the title, a sentence begins the text."""
    rest = rest.strip()
    is_title = len(rest) <= 80 and not rest.endswith((".", ";", ","))
    return {
        "article": article,
        "section": section,
        "title": rest if is_title else "",
        "text": "" if is_title else rest + "\n",
    }


def _closed(part: dict[str, str]) -> dict[str, str]:
    return {**part, "title": part["title"][:TITLE_LENGTH], "text": part["text"].strip()[:LONGEST]}
