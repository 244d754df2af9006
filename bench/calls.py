"""Counts the function calls of each request and samples where the processor is, in a process of its own.

Called with the name of a file of requests (JSON); calls the WSGI handler as gunicorn does, without a socket, and prints
one line of JSON. Function calls, those into C included, do not drift with what else the machine does.
"""

import json
import signal
import sys
import time
from collections import Counter
from cProfile import Profile
from io import BytesIO
from pathlib import Path
from pstats import Stats
from types import FrameType
from typing import Any
from wsgiref.util import setup_testing_defaults

WARM_UP, TIMES = 3, 3
SAMPLE_SECONDS, PROFILE_SECONDS = 0.001, 3.0
OURS = ("core", "accounts", "members", "organizing", "benevolence", "grievances", "unionops", "bench")
# What nearly every sample is inside of and which computes nothing itself is not worth a line.
AROUND, IDLE = 0.95, 0.01


def main(path: Path) -> None:
    from django.core.wsgi import get_wsgi_application

    asked = json.loads(path.read_text())
    caller = Caller(get_wsgi_application())
    found: dict[str, Any] = {"calls": {}, "profiles": {}}
    for label, request in asked["requests"].items():
        found["calls"][label] = caller.calls(request)
    for label in asked["profiled"]:
        found["profiles"][label] = caller.profile(asked["requests"][label])
    print(json.dumps(found))


class Caller:
    def __init__(self, handler: Any) -> None:
        self.handler = handler

    def answer(self, request: dict[str, Any]) -> bytes:
        path, _mark, query = request["path"].partition("?")
        body = request.get("body", "").encode()
        environ = {"PATH_INFO": path, "QUERY_STRING": query, "HTTP_HOST": "localhost", "REMOTE_ADDR": "127.0.0.1"}
        environ |= {"REQUEST_METHOD": request.get("method", "GET"), "CONTENT_LENGTH": str(len(body))}
        environ |= {"CONTENT_TYPE": "application/json", "wsgi.input": BytesIO(body), **request.get("headers", {})}
        setup_testing_defaults(environ)
        statuses: list[str] = []
        response = self.handler(environ, lambda status, headers, *_: statuses.append(status))
        text = b"".join(response)
        response.close()
        if int(statuses[0][:3]) != request["status"]:
            raise RuntimeError(f"{request['path']} answered {statuses[0]}")
        if "refresh" in request:  # the next one is asked with what this one got
            request["body"] = json.dumps({"refresh": json.loads(text)["refresh"]})
        return text

    def calls(self, request: dict[str, Any]) -> int:
        for _turn in range(WARM_UP):
            self.answer(request)
        found = []
        for _turn in range(TIMES):
            profile = Profile()
            profile.runcall(self.answer, request)
            found.append(Stats(profile).total_calls)  # type: ignore[attr-defined]
        return sorted(found)[TIMES // 2]

    def profile(self, request: dict[str, Any]) -> dict[str, Any]:
        """How often each module was on the stack, and how often on top of it, of all samples."""
        on_stack, on_top = Counter[str](), Counter[str]()

        def sample(_signal: int, frame: FrameType | None) -> None:
            modules = [_module(frame)]
            while frame := frame.f_back if frame else None:
                modules.append(_module(frame))
            on_top[modules[0]] += 1
            on_stack.update(set(modules))

        signal.signal(signal.SIGPROF, sample)
        signal.setitimer(signal.ITIMER_PROF, SAMPLE_SECONDS, SAMPLE_SECONDS)
        end = time.process_time() + PROFILE_SECONDS
        while time.process_time() < end:
            self.answer(request)
        signal.setitimer(signal.ITIMER_PROF, 0)
        whole = sum(on_top.values())
        shares = {name: [on_top[name] / whole, count / whole] for name, count in on_stack.most_common()}
        return {name: share for name, share in shares.items() if share[0] > IDLE or share[1] < AROUND}


def _module(frame: FrameType | None) -> str:
    """Our modules by their whole name, others by their package; of Django, which is large, by the part of it."""
    name = str(frame.f_globals.get("__name__", "?")) if frame else "?"
    parts = name.split(".")
    if parts[0] in OURS:
        return name
    return ".".join(parts[:2]) if parts[0] == "django" else parts[0]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
