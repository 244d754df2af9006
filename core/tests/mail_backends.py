"""Mail servers for tests: one that writes each mail beside the others, and several that fail in their own way."""

import os
import signal
import uuid
from pathlib import Path
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPServerDisconnected

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.locmem import EmailBackend as Memory


class Folder(BaseEmailBackend):
    """Write one file for each delivery, named for the mail."""

    def send_messages(self, messages):
        for message in messages:
            name = message.extra_headers["Message-ID"].strip("<>").partition("@")[0]
            (Path(settings.EMAIL_FILE_PATH) / f"{name}.{uuid.uuid4().hex}").write_text(message.body)
        return len(messages)


class Away(BaseEmailBackend):
    def open(self):
        raise ConnectionRefusedError("nobody listens at mail.people.example")


class Refuses(BaseEmailBackend):
    def send_messages(self, messages):
        raise SMTPDataError(451, b"try later, ann@people.example")


class NoSuchMailbox(Memory):
    """Knows everybody but `gone@people.example`, and is full for `full@people.example`."""

    def send_messages(self, messages):
        (address,) = messages[0].to
        if address.startswith(("gone", "full")):
            code = 550 if address.startswith("gone") else 452
            raise SMTPRecipientsRefused({address: (code, b"no such mailbox " + address.encode())})
        return super().send_messages(messages)


class RelaysNothing(BaseEmailBackend):
    def send_messages(self, messages):
        raise SMTPRecipientsRefused({messages[0].to[0]: (554, b"5.7.1 Relay access denied")})


class Dies(BaseEmailBackend):
    def send_messages(self, messages):
        os.kill(os.getpid(), signal.SIGKILL)


class HangsUp(Memory):
    """Takes two mails a connection, and `CONNECTIONS` connections in all."""

    CONNECTIONS = 99
    opened, taken = 0, 0

    def open(self):
        cls = type(self)
        if cls.opened >= cls.CONNECTIONS:
            raise ConnectionRefusedError("not again today")
        cls.opened, self.taken = cls.opened + 1, 0
        return True

    def send_messages(self, messages):
        if self.taken == 2:
            raise SMTPServerDisconnected("enough for one connection")
        self.taken += 1
        return super().send_messages(messages)
