"""A small load generator: keep-alive connections on raw sockets, one thread a client."""

import json
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Protocol

HOST = "localhost"


class Asker(Protocol):
    """What one client asks next; `heard` is told the answer and says whether it was the right one."""

    def request(self) -> bytes: ...
    def heard(self, status: int, body: bytes) -> bool: ...


def request_text(path: str, headers: Sequence[tuple[str, str]] = (), body: bytes = b"", method: str = "GET") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}", *(f"{name}: {value}" for name, value in headers)]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


class Reader:
    """The same requests again and again."""

    def __init__(self, requests: Sequence[bytes], status: int = 200, start: int = 0) -> None:
        self.status, self.turn = status, cycle([*requests[start % len(requests) :], *requests[: start % len(requests)]])

    def request(self) -> bytes:
        return next(self.turn)

    def heard(self, status: int, body: bytes) -> bool:
        return status == self.status


class Refresher:
    """Exchanges a refresh token for the next, as a program does."""

    def __init__(self, path: str, token: str) -> None:
        self.path, self.token = path, token

    def request(self) -> bytes:
        body = json.dumps({"refresh": self.token}).encode()
        return request_text(self.path, [("Content-Type", "application/json")], body, "POST")

    def heard(self, status: int, body: bytes) -> bool:
        if status == 200:
            self.token = json.loads(body)["refresh"]
        return status == 200


class Line:
    """One connection, made anew when the server has closed it between two requests."""

    def __init__(self, port: int) -> None:
        self.port, self.socket = port, None

    def ask(self, request: bytes) -> tuple[int, bytes]:
        if self.socket is not None:
            try:
                return self._exchange(request)
            except ConnectionError:
                self.close()
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._exchange(request)

    def _exchange(self, request: bytes) -> tuple[int, bytes]:
        self.socket.sendall(request)
        head, _end, body = self._until(b"\r\n\r\n").partition(b"\r\n\r\n")
        fields = head.lower()
        if b"\r\ncontent-length:" in fields:
            length = int(fields.split(b"\r\ncontent-length:", 1)[1].split(b"\r\n", 1)[0])
            parts = [body]
            missing = length - len(body)
            while missing > 0:
                parts.append(self._more())
                missing -= len(parts[-1])
            body = b"".join(parts)
        elif b"chunked" in fields:
            while not body.endswith(b"0\r\n\r\n"):
                body += self._more()
        if b"\r\nconnection: close" in fields:
            self.close()
        return int(head[9:12]), body

    def _until(self, end: bytes) -> bytes:
        found = b""
        while end not in found:
            found += self._more()
        return found

    def _more(self) -> bytes:
        if data := self.socket.recv(262_144):
            return data
        raise ConnectionError("the server has closed the connection")

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
        self.socket = None


@dataclass
class Result:
    """Milliseconds of each answer, how many were wrong, and how long it took in all."""

    values: list[float] = field(default_factory=list)
    errors: int = 0
    seconds: float = 0.0

    @property
    def per_second(self) -> float:
        return len(self.values) / self.seconds


def run(port: int, askers: Sequence[Asker], seconds: float, *, at_least: int = 1) -> Result:
    """Each asker asks as fast as it is answered until the time is over, and at least so many times."""
    result, lock, begin = Result(), threading.Lock(), threading.Barrier(len(askers))

    def work(asker: Asker) -> None:
        line, values, errors = Line(port), [], 0
        begin.wait()
        end = time.perf_counter() + seconds
        while len(values) + errors < at_least or time.perf_counter() < end:
            request = asker.request()
            started = time.perf_counter()
            try:
                is_right = asker.heard(*line.ask(request))
            except OSError:
                line.close()
                is_right = False
            if is_right:
                values.append((time.perf_counter() - started) * 1000)
            else:
                errors += 1
        line.close()
        with lock:
            result.values += values
            result.errors += errors

    threads = [threading.Thread(target=work, args=(asker,)) for asker in askers]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result.seconds = time.perf_counter() - started
    return result
