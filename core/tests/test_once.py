import itertools

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils import translation

from core.models import SiteSettings

NAMED = (
    "{% load once %}{% once name=name %}<p>{{ name }} {{ other }}</p>{% anew %}{{ other }}{% endanew %}{% endonce %}"
)


def drawn(text: str, **values: object) -> str:
    return Template(text).render(Context(values))


def test_the_kept_part_knows_only_what_is_named():
    assert drawn(NAMED, name="Local 46", other="Ann") == "<p>Local 46 </p>Ann"


def test_it_is_drawn_once_for_each_set_of_values_and_anew_each_time():
    numbers = itertools.count()
    text = "{% load once %}{% once name=name %}{{ name.draw }}{% anew %},{{ number }}{% endanew %}{% endonce %}"
    template = Template(text)

    class Name(str):
        def draw(self) -> str:
            return f"{self}{next(numbers)}"

    found = [template.render(Context({"name": Name(name), "number": n})) for n, name in enumerate("aabab")]
    assert found == ["a0,0", "a0,1", "b1,2", "a0,3", "b1,4"]


def test_another_language_has_a_part_of_its_own():
    template = Template("{% load once i18n %}{% once %}{% get_current_language as code %}{{ code }}{% endonce %}")
    found = []
    for code in ("en", "es", "en"):
        with translation.override(code):
            found.append(template.render(Context()))
    assert found == ["en", "es", "en"]


@pytest.mark.parametrize("typed", ["</p><script>", "{% now 'Y' %}", "0" * 32 + ":0;", "{{ other }}", "\0:0;\\1"])
def test_typed_text_stays_text(typed):
    shown = str(drawn("{{ typed }}", typed=typed))
    assert drawn(NAMED, name=typed, other=typed) == f"<p>{shown} </p>{shown}"


def test_parts_drawn_anew_may_stand_in_loops_conditions_and_fragments():
    text = (
        "{% load once %}{% once rows=rows %}{% for row in rows %}{% if row %}{{ row }}"
        "{% anew %}-{{ n }};{% endanew %}{% endif %}{% endfor %}{% endonce %}"
    )
    template = Template(text)
    assert [template.render(Context({"rows": ("a", "", "b"), "n": n})) for n in (1, 2)] == ["a-1;b-1;", "a-2;b-2;"]


def test_outside_of_a_kept_part_it_changes_nothing():
    assert drawn("{% load once %}{% anew %}{{ name }}{% endanew %}", name="Ann") == "Ann"


def test_a_part_inside_another_is_kept_with_it():
    text = (
        "{% load once %}{% once name=name %}{{ name }}{% once name=name %}[{{ name }}{% anew %}{{ n }}{% endanew %}]"
        "{% endonce %}{% endonce %}"
    )
    template = Template(text)
    assert [template.render(Context({"name": "a", "n": n})) for n in (1, 2)] == ["a[a1]", "a[a2]"]


def test_a_record_is_not_a_value_and_neither_is_a_list():
    with pytest.raises(TypeError, match="was given a record"):
        drawn(NAMED, name=SiteSettings(pk=1))
    with pytest.raises(TypeError, match="unhashable"):
        drawn(NAMED, name=[])


def test_values_are_named():
    with pytest.raises(TemplateSyntaxError, match="name=value"):
        Template("{% load once %}{% once name %}{% endonce %}")
