"""A paper as the answer to a request: the view has asked who comes and recorded the reading."""

from django.http import HttpResponse, HttpResponseBase

from core.papers.typeset import PDF, Paper, pdf_of
from core.web.files import inert


def paper_response(paper: Paper) -> HttpResponseBase:
    return inert(HttpResponse(pdf_of(paper), content_type=PDF), name=f"{paper.name}.pdf")
