"""Request logs as JSON lines without personal data: no query string, no body, no name, no address."""

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any

from django.views.debug import SafeExceptionReporterFilter

from core import request_id

FIELDS = ("method", "route", "status", "milliseconds", "user_id", "mail", "problem", "work", "file")


class JsonFormatter(logging.Formatter):
    """One JSON object a line; an exception is named by type and place, because its message may quote data."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if current := request_id.current.get():
            line["request_id"] = current
        line.update({name: getattr(record, name) for name in FIELDS if hasattr(record, name)})
        if record.exc_info and record.exc_info[0]:
            frames = traceback.extract_tb(record.exc_info[2])
            line["exception"] = record.exc_info[0].__qualname__
            line["trace"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]]
        return json.dumps(line, ensure_ascii=True)


class NoValuesFilter(SafeExceptionReporterFilter):
    """Error reports carry no values at all."""

    def is_active(self, request: Any) -> bool:
        return True

    def get_traceback_frame_variables(self, request: Any, tb_frame: Any) -> Any:
        return [(name, self.cleansed_substitute) for name in tb_frame.f_locals]

    def get_post_parameters(self, request: Any) -> Any:
        return dict.fromkeys(request.POST, self.cleansed_substitute) if request else {}
