"""Parts of a page that are drawn once and kept in the process. `{% load once %}`, then:

    {% once local=local.shown theme=theme %}…{% anew %}{{ user }}{% endanew %}…{% endonce %}

What stands inside is drawn once for each language and each set of the named values, and knows nothing but these: a
person's name cannot get into what is kept unless it is named there. What stands in `anew` is drawn for every page from
all that the page knows. Outside `once`, `anew` changes nothing, so that a fragment may be used in both.
"""

import re
import secrets
from collections.abc import Hashable
from functools import lru_cache
from typing import Any

from django import template
from django.db.models import Model
from django.template.base import FilterExpression, Node, NodeList, Parser, Token, token_kwargs
from django.urls import get_urlconf
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

KEPT = 512


class Drawing(template.Context):
    """The context of a part while it is drawn: `anew` leaves a mark there that nobody could have typed."""

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__(values)
        self.mark = secrets.token_hex(16)
        self.slots: list[Anew] = []

    def leave_mark(self, slot: "Anew") -> str:
        self.slots.append(slot)
        return f"{self.mark}:{len(self.slots) - 1};"


class Anew(Node):
    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: template.Context) -> str:
        return context.leave_mark(self) if isinstance(context, Drawing) else self.nodelist.render(context)


class Once(Node):
    def __init__(self, nodelist: NodeList, values: dict[str, FilterExpression]) -> None:
        self.nodelist = nodelist
        self.values = values
        self.pieces = lru_cache(KEPT, typed=True)(self._pieces)
        self.found: dict[type[Node], list[Node]] = {}

    def get_nodes_by_type(self, nodetype: type[Node]) -> list[Node]:
        """Look only once: `extends` asks for every page that is drawn."""
        if nodetype not in self.found:
            self.found[nodetype] = super().get_nodes_by_type(nodetype)
        return self.found[nodetype]

    def render(self, context: template.Context) -> SafeString:
        values = [value.resolve(context) for value in self.values.values()]
        drawn = self.pieces(get_language(), get_urlconf(), *values)
        return SafeString("".join([part if isinstance(part, str) else part.render(context) for part in drawn]))

    def _pieces(self, language: str, urlconf: str, *values: Hashable) -> list[str | Anew]:
        """The part as text, with an Anew wherever something is drawn for each page."""
        if any(isinstance(value, Model) for value in values):
            raise TypeError("{% once %} was given a record, which equals its former self after a change")
        context = Drawing(dict(zip(self.values, values, strict=True)))
        with context.bind_template(template.Template("")):
            parts = re.split(f"{context.mark}:([0-9]+);", self.nodelist.render(context))
        return [context.slots[int(part)] if place % 2 else part for place, part in enumerate(parts)]


@register.tag
def once(parser: Parser, token: Token) -> Once:
    bits = token.split_contents()[1:]
    values = token_kwargs(bits, parser)
    if bits:
        raise template.TemplateSyntaxError("{% once %} takes name=value only")
    nodelist = parser.parse(("endonce",))
    parser.delete_first_token()
    return Once(nodelist, values)


@register.tag
def anew(parser: Parser, token: Token) -> Anew:
    nodelist = parser.parse(("endanew",))
    parser.delete_first_token()
    return Anew(nodelist)
