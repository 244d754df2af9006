"""Django's own tags for languages; `translate` looks a plain sentence up once for each language.

Named in the setting TEMPLATES, so that `{% load i18n %}` loads it.
"""

from functools import lru_cache
from typing import Any

from django.template import Context, Library
from django.template.base import Node, Parser, Token, Variable
from django.templatetags import i18n
from django.utils.translation import get_language

register = Library()
register.tags.update(i18n.register.tags)
register.filters.update(i18n.register.filters)


class Sentence(Node):
    """`{% translate "…" %}` or `{% translate "…" as name %}`."""

    child_nodelists = ()

    def __init__(self, node: i18n.TranslateNode) -> None:
        self.name, node.asvar = node.asvar, None
        self.words = lru_cache(None)(lambda language: node.render(Context()))

    def render(self, context: Context) -> Any:
        words = self.words(get_language())
        if not self.name:
            return words
        context[self.name] = words
        return ""


@register.tag("translate")
@register.tag("trans")
def translate(parser: Parser, token: Token) -> Node:
    node: Any = i18n.do_translate(parser, token)
    expression = node.filter_expression
    is_plain = isinstance(expression.var, Variable) and isinstance(expression.var.literal, str)
    return Sentence(node) if is_plain and not (expression.filters or node.noop or node.message_context) else node
