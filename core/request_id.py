"""The id of the request being answered, for log lines and audit rows. Never the person: services get `actor`."""

from contextvars import ContextVar

current: ContextVar[str] = ContextVar("request_id", default="")
