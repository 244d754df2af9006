"""The pages on which the local words its letters: all of them, and one with a preview as PDF."""

from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.web.papers import paper_response
from core.web.required import say_it_plainly
from core.web.views import Crumbs, FormPage, PortalView
from grievances import permissions as p
from grievances.forms.letters import LetterForm
from grievances.models import LetterText
from grievances.services import letters
from grievances.services.letters import LETTERS, PLACES, Letter, Wording


class LetterList(PortalView):
    permission = p.CHANGE_LETTERS
    page_title = gettext_lazy("Wording of letters")
    template_name = "grievances/letters/list.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        newest: dict[str, LetterText] = {}
        for row in LetterText.objects.visible_to(request.user).select_related("written_by"):
            newest[row.kind] = row
        return self.render(rows=[(letter, newest.get(kind)) for kind, letter in LETTERS.items()])


class LetterEdit(FormPage):
    """“Preview” answers with the letter, “back to our wording” saves what comes with the portal."""

    permission = p.CHANGE_LETTERS
    template_name = "grievances/letters/edit.html"
    submit_label = gettext_lazy("Save wording")
    lead = gettext_lazy("Letters that are printed from now on say this. Those that are out stay as they are.")
    done = gettext_lazy("Wording saved.")
    answers_with_a_file = True

    @cached_property
    def letter(self) -> Letter:
        letter = LETTERS.get(self.kwargs["kind"])
        if letter is None:
            raise Http404
        return letter

    @cached_property
    def held(self) -> Wording:
        return letters.wording(self.letter)

    def title(self) -> str:
        return str(self.letter.kind.label)

    def breadcrumbs(self) -> Crumbs:
        return [(_("Wording of letters"), self.cancel_url()), (self.title(), None)]

    def cancel_url(self) -> str:
        return reverse("letter_list")

    def get_form(self, data: Any = None, files: Any = None) -> LetterForm:
        if data is not None and "ours" in data:
            data = {**data.dict(), "title": str(self.letter.title), "body": str(self.letter.body)}
        return LetterForm(data, letter=self.letter, held=self.held)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "preview" not in request.POST:
            return super().post(request, *args, **kwargs)
        form = self.get_form(request.POST)
        say_it_plainly(form)
        if not form.is_valid():
            return self.render_form(form, status=422)
        said = {name: form.cleaned_data[name] for name in ("title", "body")}
        return paper_response(letters.preview(self.letter, **said))

    def render_form(self, form: Any, *, status: int = 200, **extra: Any) -> HttpResponse:
        known = [(f"{{{place}}}", PLACES[place][0], place in self.letter.needed) for place in self.letter.known]
        versions = LetterText.objects.visible_to(self.request.user).filter(kind=self.letter.kind)
        rows = list(versions.select_related("written_by").order_by("-number")[:100])
        return super().render_form(form, status=status, places=known, versions=rows, held=self.held, **extra)

    def perform(self, form: Any) -> str:
        said = {name: form.cleaned_data[name] for name in ("title", "body")}
        letters.save_wording(self.letter, seen=form.cleaned_data["version"], actor=self.request.user, **said)
        return self.cancel_url()
