"""Base views: every page starts from a declared permission and from the rows that the person may see."""

from functools import cache, cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import OperationalError, models
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from core import contention
from core.audit import trail
from core.classification import is_personal
from core.db.prepared import Prepared
from core.enums import ReadKind
from core.errors import DomainError, EditConflict
from core.mail import notices
from core.permissions import require
from core.records import records
from core.records.editing import compare, conflict_rows, marks, read_marks, take
from core.web import sent_once
from core.web.first_page import asked_by, by_key
from core.web.forms import ReasonForm, VersionedModelForm
from core.web.required import say_it_plainly

# No database holds a larger number as a key.
KEY_BITS = 63
# The form comes again as it was typed; the Back button then leads to the page before it, not to an empty form.
REFUSED = (409, 422)
Crumbs = list[tuple[str, str | None]]


class PortalView(View):
    """A page of the portal. `permission`: one name, several of which one is enough, or SIGNED_IN.

    `under` names the pages above it by label and route, `crumb` the page itself where its title is too long for that.
    """

    permission: str | tuple[str, ...] = ()
    page_title: Any = ""
    under: tuple[tuple[Any, str], ...] = ()
    crumb: Any = ""
    template_name = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        require(request.user, self.permission)
        return super().dispatch(request, *args, **kwargs)

    def breadcrumbs(self) -> Crumbs:
        if not self.under:
            return []
        above: Crumbs = [(str(label), reverse(route)) for label, route in self.under]
        return [*above, (str(self.crumb or self.title()), None)]

    def title(self) -> str:
        return str(self.page_title)

    def context(self, **extra: Any) -> dict[str, Any]:
        return {"view": self, "page_title": self.title(), "breadcrumbs": self.breadcrumbs(), **extra}

    def render(self, template: str = "", *, status: int = 200, **extra: Any) -> HttpResponse:
        answer = render(self.request, template or self.template_name, self.context(**extra), status=status)
        if status in REFUSED:
            answer.headers["HX-Push-Url"] = "false"
        return answer


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page: not on a boosted link, not when it restores history."""
    htmx = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


class RowMixin(PortalView):
    """The row named in the URL, among those that the person may see; any other is 404.

    `row_is_prepared`: `rows` asks for nothing but permissions and keys of the person (see core.db.prepared).
    """

    row_is_prepared = False

    model: type[models.Model]

    def rows(self) -> Any:
        """A QuerySet of the model, with the methods of its own class."""
        return records.visible(self.model, self.request.user)

    def get_object(self) -> Any:
        if not hasattr(self, "_object"):
            pk = self.kwargs["pk"]
            if isinstance(pk, int) and pk.bit_length() > KEY_BITS:
                raise Http404
            if self.row_is_prepared:
                view: Any = type(self)
                found = row_of(view).first(self.request.user, pk=pk)
            else:
                found = self.rows().filter(pk=pk).first()
            if found is None:
                raise Http404
            self._object = found
        return self._object


@cache
def row_of(view_class: Any) -> Prepared:
    return by_key(lambda asker: view_class(request=asked_by(asker)).rows())


class RecordPage(RowMixin, PortalView):
    """One record. `records_reading` writes a read event before the page leaves; what was told of it is read."""

    records_reading = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        record = self.get_object()
        if self.records_reading:
            trail.read(record, ReadKind.OPENED, actor=request.user)
        notices.read_about(record, actor=request.user)
        return self.render(record=record, **self.extra(record))

    def extra(self, record: Any) -> dict[str, Any]:
        return {}

    def title(self) -> str:
        return str(self.get_object()._meta.verbose_name).capitalize()


class FormPage(PortalView):
    """A form whose valid values go to a service (`perform`); what the service refuses is shown in the form."""

    form_class: type[BaseForm]
    template_name = "ui/form_page.html"
    submit_label: Any = ""
    danger = False
    lead: Any = ""
    done: Any = ""
    records_reading = True
    makes_record = False  # then the page carries a token, and what is sent twice is made once
    made_already: Any = gettext_lazy("This was saved already; it is not made twice.")
    was_sent = False

    @cached_property
    def form_token(self) -> str:
        return sent_once.token_of(self.request) or sent_once.new_token()

    def perform_once(self, form: Any) -> str:
        if not (self.makes_record and sent_once.token_of(self.request)):
            return self.perform(form)
        try:
            target, self.was_sent = sent_once.once(self.request, lambda: self.perform(form))
        except sent_once.SentBefore:
            self.form_token = sent_once.new_token()
            raise
        return target

    def get_form(self, data: Any = None, files: Any = None) -> Any:
        return self.form_class(**self.form_arguments(data, files))

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {"data": data, "files": files}

    def cancel_url(self) -> str:
        raise NotImplementedError

    def perform(self, form: Any) -> str:
        """Call the service and return where to go next. May raise DomainError or ValidationError."""
        raise NotImplementedError

    def before_perform(self, form: Any) -> HttpResponseBase | None:
        """An answer to give instead of doing what the valid form asks for."""
        return None

    def done_message(self) -> str:
        """What the person reads on the next page: `done`, unless it depends on what was done."""
        return str(self.done)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_form(self.get_form())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.get_form(request.POST, request.FILES)
        say_it_plainly(form)
        if not form.is_valid():
            if self.makes_record and (target := sent_once.made_before(request)):
                self.was_sent = True
                return self.go_on(target)
            return self.render_form(form, status=422)
        return self.before_perform(form) or self.carry_out(form)

    def carry_out(self, form: Any) -> HttpResponseBase:
        """Do what the valid form asks for, and answer with the next page, or with the form and what refuses."""
        try:
            target = self.perform_once(form)
        except EditConflict as conflict:
            return self.render_conflict(form, conflict)
        except ValidationError as error:
            add_errors(form, error)
            return self.render_form(form, status=422)
        except DomainError as error:
            form.add_error(None, error.sentence)
            return self.render_form(form, status=409)
        except OperationalError as error:
            if not contention.is_contention(error):
                raise
            form.add_error(None, contention.SENTENCE)
            self.records_reading = False  # only what was typed comes back, also where nothing can be written now
            return self.render_form(form, status=409)
        return self.go_on(target)

    def go_on(self, target: str) -> HttpResponse:
        if message := self.made_already if self.was_sent else self.done_message():
            messages.success(self.request, message)
        return HttpResponseRedirect(target)

    def render_form(self, form: Any, *, status: int = 200, **extra: Any) -> HttpResponse:
        return self.render(form=form, status=status, seen_values=self.seen_values(form), **extra)

    def seen_values(self, form: Any) -> str:
        """What goes along with the form, so that what somebody else saves meanwhile can be told from what is typed."""
        if not isinstance(form, VersionedModelForm) or form.instance.pk is None:
            return ""
        return str(form.data.get("seen_values", "")) if form.is_bound else marks(form, form.instance)

    def render_conflict(self, form: Any, conflict: EditConflict) -> HttpResponseBase:
        """What only one of the two people changed stands; about the rest both versions are shown side by side.

        The form keeps what was typed, has what only the other one changed, and now starts from the newer version.
        """
        current, seen = conflict.current, read_marks(form.data.get("seen_values", ""))
        merged = compare(form, current, seen)
        form.data = form.data.copy()
        for name in merged.theirs:
            take(form, name, current)
        form.data["version"], form.data["seen_values"] = str(current.version), marks(form, current)
        if merged.clashes or not seen:  # nobody changes what they did not see
            form.add_error(None, conflict.sentence)
            return self.render_form(form, status=409, conflict=conflict_rows(form, current, merged.clashes))
        form.cleaned_data["version"] = current.version
        answer = self.carry_out(form)
        if merged.theirs and isinstance(answer, HttpResponseRedirect):
            fields = ", ".join(str(form.fields[name].label) for name in merged.theirs)
            said = _("Somebody else changed this meanwhile: %(fields)s. Both changes stand.") % {"fields": fields}
            messages.info(self.request, said)
        return answer


def add_errors(form: Any, error: ValidationError) -> None:
    """A service's ValidationError at the fields that the form has, otherwise at its top."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, found in error.error_dict.items():
        form.add_error(name if name in form.fields else None, found)


class ActionPage(RowMixin, FormPage):
    """A move that needs a reason: says what will happen, asks why, then does it."""

    form_class: type[BaseForm] = ReasonForm

    def cancel_url(self) -> str:
        return self.get_object().get_absolute_url()


class RecordFormPage(RowMixin, FormPage):
    """A form about one record, which shows what is in it: each showing is a reading."""

    def render_form(self, form: Any, *, status: int = 200, **extra: Any) -> HttpResponse:
        if self.records_reading and is_personal(self.model):
            trail.read(self.get_object(), ReadKind.OPENED, actor=self.request.user)
        return super().render_form(form, status=status, **extra)

    def cancel_url(self) -> str:
        return self.get_object().get_absolute_url()


class EditPage(RecordFormPage):
    """Change one record through its versioned model form."""

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {**super().form_arguments(data, files), "instance": self.get_object()}
