"""The version of a record as HTTP says it: an answer bears it as `ETag: "3"`, a change names it as `If-Match: "3"`."""

import re

from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import APIException
from rest_framework.request import Request

HEADER = "If-Match"
VERSION = re.compile(r'"([0-9]{1,9})"')


class VersionMissing(APIException):
    status_code = 428
    default_code = "version_missing"
    default_detail = gettext_lazy(
        "Say which version of the record you read: send its ETag as If-Match. Nobody changes what they did not see."
    )


def etag(version: int) -> str:
    return f'"{version}"'


def named_by_header(*, required: bool) -> OpenApiParameter:
    """The header as the schema describes it."""
    words = "The ETag of the record that you read."
    return OpenApiParameter(HEADER, str, OpenApiParameter.HEADER, required=required, description=words)


def seen_version(request: Request) -> int:
    """The version that the request names. Raises VersionMissing; `*` names none."""
    found = VERSION.fullmatch(request.headers.get(HEADER, "").strip())
    if found is None:
        raise VersionMissing
    return int(found[1])
