"""The pages of an import: upload, match columns, check, apply, result, undo. Steps of one record, a batch.

An app makes a view of each by `import_views`, with its ImportArea and the permissions that stand there.
"""

import re
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_htmx.http import HttpResponseClientRedirect

from core.audit import trail
from core.enums import ReadKind, choice_label
from core.errors import DomainError
from core.imports import applying, batches, checking, results, undoing
from core.imports.enums import ImportStatus
from core.imports.layout import samples
from core.imports.models import Batch
from core.imports.refusals import FileRefused
from core.mail import jobs
from core.permissions import may
from core.web import exports
from core.web.columns import Column, of_field, through
from core.web.forms import VersionedForm
from core.web.imports.area import ImportArea
from core.web.imports.forms import (
    DecideAllForm,
    DecisionsForm,
    LayoutForm,
    MatchForm,
    UndoForm,
    UploadForm,
)
from core.web.imports.shown import others_wait, preview, status_badge, steps
from core.web.keyset import Sort
from core.web.lists import ListPage, safe_next
from core.web.views import ActionPage, Crumbs, FormPage, PortalView, RowMixin, wants_fragment


class ImportPage(PortalView):
    """One of the pages of an app's imports."""

    area: ImportArea

    @property
    def routes(self) -> Any:
        return self.area.routes

    @property
    def may_run(self) -> bool:
        return may(self.request.user, self.area.run)


class BatchPage(ImportPage, RowMixin):
    """A page of one import. Its title never shows the file's name, which may hold a person's."""

    crumb: Any = ""

    def title(self) -> str:
        own = getattr(self, "page_title", "")
        return str(own or self.area.title_of(self.get_object()))

    def breadcrumbs(self) -> Crumbs:
        batch = self.get_object()
        title = self.area.title_of(batch)
        crumbs: Crumbs = [(_("Imports"), self.area.url("list"))]
        if self.crumb:
            return [*crumbs, (title, batch.get_absolute_url()), (str(self.crumb), None)]
        return [*crumbs, (title, None)]


def import_columns(kinds: type[TextChoices], person: Sequence[str]) -> tuple[Column, ...]:
    """`person` are the fields of an account that its name is made of."""
    return (
        of_field("file", gettext_lazy("File"), "file_name", kind="link"),
        Column(
            "status",
            gettext_lazy("Status"),
            lambda b: choice_label(ImportStatus, b.status),
            kind="badge",
            badge=status_badge,
            reads=("status",),
            same=attrgetter("status"),
        ),
        Column(
            "kind",
            gettext_lazy("What it holds"),
            lambda b: choice_label(kinds, b.kind),
            reads=("kind",),
            same=attrgetter("kind"),
        ),
        Column(
            "by",
            gettext_lazy("Uploaded by"),
            lambda b: str(b.uploaded_by) if b.uploaded_by else _("Command"),
            reads=through("uploaded_by", person),
        ),
        of_field("uploaded", gettext_lazy("Uploaded"), "created_at", kind="moment", sort="uploaded"),
        of_field("applied", gettext_lazy("Applied"), "applied_at", kind="moment"),
    )


class ImportList(ImportPage, ListPage):
    page_title = gettext_lazy("Imports")
    icon = "file-import"
    actions_template = "ui/imports/_list_actions.html"
    empty_title = gettext_lazy("No imports yet")
    sorts = (Sort("uploaded", "created_at", gettext_lazy("Uploaded"), descending=True),)

    @property
    def empty_action(self) -> tuple[str, str]:
        return (_("Import a list"), self.area.url("upload")) if self.may_run else ("", "")


class ImportUpload(ImportPage, FormPage):
    makes_record = True
    page_title = gettext_lazy("Import a list")
    crumb = gettext_lazy("Upload")
    form_class = UploadForm
    submit_label = gettext_lazy("Upload")
    lead = gettext_lazy("Nothing is changed yet: you match the columns and see every row before anything is applied.")

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {**super().form_arguments(data, files), "kinds": self.area.kinds}

    def cancel_url(self) -> str:
        return self.area.url("list")

    def perform(self, form: Any) -> str:
        file, what = form.cleaned_data["file"], self.area.lists[form.chosen_kind]
        try:
            batch = batches.upload(file.file, what, file_name=file.name, actor=self.request.user)
        except FileRefused as error:
            raise ValidationError({"file": error.sentence}) from error
        return self.area.url("match", batch.pk)


class ImportDetail(BatchPage, PortalView):
    """The preview before the apply, the progress during work, the result after it."""

    template_name = "ui/imports/detail.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # Before the batch is read: a job that ends meanwhile then leaves the batch as it ended, not as it was.
        state = jobs.state_of(kwargs["pk"])
        batch = self.get_object()
        if batch.status == ImportStatus.UPLOADED and self.may_run:
            return HttpResponseRedirect(self.area.url("match", batch.pk))
        job = state if state and state.is_running else None
        shown = {}
        if job is None and batch.status in SHOWING_ROWS:
            # Not while the work runs: on SQLite the event would wait for the work's transaction.
            trail.read(batch, ReadKind.OPENED, actor=request.user)
            shown = preview(self.area, batch, request.GET, request.user)
        return self.render(
            record=batch,
            steps=steps(batch),
            badge=status_badge(batch),
            job=job,
            stopped=state if state and state.problem else None,
            is_stuck=job is None and batches.is_stuck(batch),
            layout=batches.layout_of(batch),
            remarks=results.remarks(batch),
            account=results.account_sentence(batch),
            others_wait=others_wait(batch),
            may_run=self.may_run,
            exports=[(label, self.area.url("result", batch.pk, kind)) for kind, label in exports.FORMATS.items()],
            **shown,
        )


SHOWING_ROWS = (ImportStatus.CHECKED, ImportStatus.APPLIED, ImportStatus.UNDONE)


class ImportMatch(BatchPage, FormPage):
    template_name = "ui/imports/match.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        batch = self.get_object()
        if batch.status not in (ImportStatus.UPLOADED, ImportStatus.CHECKED):
            return HttpResponseRedirect(batch.get_absolute_url())
        return super().get(request, *args, **kwargs)

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        batch = self.get_object()
        with batches.opened(batch) as source:
            what, found = self.area.list_of(batch), samples(source, batches.layout_of(batch))
            return {"data": data, "batch": batch, "what": what, "samples": found}

    def get_form(self, data: Any = None, files: Any = None) -> MatchForm:
        return MatchForm(**self.form_arguments(data, files))

    def perform(self, form: Any) -> str:
        batch = self.get_object()
        what = self.area.list_of(batch)
        batches.match_columns(
            batch,
            what,
            form.chosen(),
            options=form.options(),
            date_order=form.date_order(),
            actor=self.request.user,
        )
        checking.start_check(batch, what, actor=self.request.user)
        return batch.get_absolute_url()

    def render_form(self, form: Any, *, status: int = 200, **extra: Any) -> HttpResponse:
        batch = self.get_object()
        trail.read(batch, ReadKind.OPENED, actor=self.request.user)
        return self.render(
            form=form,
            status=status,
            record=batch,
            steps=steps(batch),
            layout=batches.layout_of(batch),
            layout_form=LayoutForm(batch=batch),
            **extra,
        )


class ImportLayout(BatchPage, PortalView):
    """Take another sheet or header row, then match again."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        batch = self.get_object()
        form = LayoutForm(request.POST, batch=batch)
        if not form.is_valid():
            messages.error(request, " ".join(error for errors in form.errors.values() for error in errors))
            return HttpResponseRedirect(self.area.url("match", batch.pk))
        try:
            batches.look_again(
                batch,
                self.area.list_of(batch),
                sheet=form.cleaned_data.get("sheet", ""),
                header_row=form.cleaned_data["header_row"] or 0,
                actor=request.user,
            )
        except FileRefused as error:
            messages.error(request, error.sentence)
        return HttpResponseRedirect(self.area.url("match", batch.pk))


class ImportMove(BatchPage, PortalView):
    """A button: POST with the version that was seen, then back to the import's page. A refusal is a page (409)."""

    http_method_names = ["post"]

    def move(self, batch: Batch) -> str:
        """Do it; returns what to tell, if anything."""
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        batch = self.get_object()
        seen = VersionedForm(request.POST, record=batch)
        batches.require_version(batch, seen.cleaned_data["version"] if seen.is_valid() else 0)
        if told := self.move(batch):
            messages.success(request, told)
        return HttpResponseRedirect(safe_next(request, batch.get_absolute_url()))


class ImportCheck(ImportMove):
    def move(self, batch: Batch) -> str:
        checking.start_check(batch, self.area.list_of(batch), actor=self.request.user)
        return ""


class ImportApply(ImportMove):
    def move(self, batch: Batch) -> str:
        applying.start_apply(batch, self.area.list_of(batch), actor=self.request.user)
        return _("Import applied.") if batch.status == ImportStatus.APPLIED else ""


# Nine digits are more than any file has rows, and fit the column.
ROW_NAME = re.compile(r"row-(\d{1,9})", re.ASCII)


class ImportDecide(ImportMove):
    def move(self, batch: Batch) -> str:
        numbers = [int(found[1]) for name in self.request.POST if (found := ROW_NAME.fullmatch(name))]
        rows = batch.rows.filter(number__in=numbers)
        form = DecisionsForm(self.request.POST, rows=list(rows))
        if not form.is_valid():
            raise DomainError(_("A decision was not understood. Load the page again and choose from the list."))
        batches.decide(batch, self.area.list_of(batch), form.decisions(), actor=self.request.user)
        return _("Decisions saved.")


class ImportDecideAll(ImportMove):
    def move(self, batch: Batch) -> str:
        form = DecideAllForm(self.request.POST)
        if not form.is_valid():
            raise DomainError(_("Choose what to do with the possible duplicates."))
        decided = batches.decide_all(
            batch, self.area.list_of(batch), form.cleaned_data["decision"], only_open=True, actor=self.request.user
        )
        return ngettext("%(count)s row decided.", "%(count)s rows decided.", decided) % {"count": decided}


class ImportProgress(BatchPage, PortalView):
    """The progress fragment, asked for every second; when the work is done it sends the browser to the import."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        batch = self.get_object()
        if not wants_fragment(request):
            return HttpResponseRedirect(batch.get_absolute_url())
        state = jobs.state_of(batch.pk)
        if state is None or not state.is_running:
            return HttpResponseClientRedirect(batch.get_absolute_url())
        return self.render("ui/imports/_progress.html", record=batch, job=state)


class ImportResult(BatchPage, PortalView):
    """Every row of the file with what became of it, as a file."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        batch = self.get_object()
        if not (results.was_applied(batch) or batch.status == ImportStatus.CHECKED):
            raise DomainError(_("There is a result to download once the file is checked."))
        trail.read(batch, ReadKind.DOWNLOADED, actor=request.user)
        return exports.response(
            kwargs["kind"],
            file_name=f"import-{batch.pk}",
            header=results.header(batch),
            rows=results.table(batch, self.area.list_of(batch), request.user),
        )


class ImportUndo(BatchPage, ActionPage):
    form_class = UndoForm
    page_title = gettext_lazy("Undo the import")
    crumb = gettext_lazy("Undo")
    submit_label = gettext_lazy("Undo the import")
    danger = True

    @property
    def lead(self) -> str:
        return str(self.area.undoing)

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {**super().form_arguments(data, files), "record": self.get_object()}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.get_object().status != ImportStatus.APPLIED:
            raise DomainError(_("Only an applied import can be undone."))
        return super().get(request, *args, **kwargs)

    def perform(self, form: Any) -> str:
        batch = self.get_object()
        batches.require_version(batch, form.cleaned_data["version"])
        undoing.start_undo(batch, self.area.list_of(batch), actor=self.request.user, reason=form.cleaned_data["reason"])
        return batch.get_absolute_url()


class ImportDiscard(ImportMove):
    def move(self, batch: Batch) -> str:
        batches.discard(batch, self.area.list_of(batch), actor=self.request.user)
        return _("Import discarded. Its file and rows are gone; no record was changed.")


# Pages that only show something; every other one does something.
LOOKING = {"detail": ImportDetail, "progress": ImportProgress, "result": ImportResult}
DOING = {
    "layout": ImportLayout,
    "match": ImportMatch,
    "check": ImportCheck,
    "decide": ImportDecide,
    "decide_all": ImportDecideAll,
    "apply": ImportApply,
    "undo": ImportUndo,
    "discard": ImportDiscard,
}


def import_views(own: Any, **mixins: type) -> dict[str, Any]:
    """A view of each step but list and upload; `own` has model and area, `mixins` by step stand before a page."""
    found = {}
    for step, page in {**LOOKING, **DOING}.items():
        bases = (own, *((mixins[step],) if step in mixins else ()), page)
        permission = own.area.look if step in LOOKING else own.area.run
        found[step] = type(page.__name__, bases, {"permission": permission, "__module__": own.__module__})
    return found
