import pytest
from django.template import Context, Template
from django.utils import translation


def drawn(text: str, **values: object) -> str:
    return Template("{% load i18n %}" + text).render(Context(values))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{% translate "January" %}', "January|enero|January"),
        ('{% trans "January" as month %}[{{ month }}]', "[January]|[enero]|[January]"),
        ('{% translate "January"|upper %}', "JANUARY|ENERO|JANUARY"),
        ("{% translate month %}", "January|enero|January"),
        ('{% translate "January" noop %}', "January|January|January"),
        ('{% translate "May" context "abbrev. month" %}', "May|mayo|May"),
        ('{% translate "100%% <b>sure</b> & true" %}', "|".join(["100%% <b>sure</b> & true"] * 3)),
    ],
)
def test_a_sentence_is_looked_up_for_each_language(text, shown):
    template = Template("{% load i18n %}" + text)
    found = []
    for language in ("en", "es", "en"):
        with translation.override(language):
            found.append(template.render(Context({"month": "January"})))
    assert "|".join(found) == shown


def test_what_a_person_typed_is_escaped_as_ever():
    assert drawn("{% translate name %}", name="<b>") == "&lt;b&gt;"


def test_the_other_tags_are_those_of_django():
    assert (
        drawn("{% blocktranslate with name=name %}Hello {{ name }}{% endblocktranslate %}", name="<b>")
        == "Hello &lt;b&gt;"
    )
