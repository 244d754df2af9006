"""Files in an S3-compatible store: AWS, MinIO, Backblaze and others."""

from collections.abc import Iterator
from typing import Any

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage

MEGABYTE = 1024 * 1024
# The least that S3 takes as a part; one part at a time is all that is held in memory.
PART = 5 * MEGABYTE
PIECE = 64 * 1024
CONNECT_SECONDS, ANSWER_SECONDS = 3, 15


class PrivateBucket(S3Storage):
    """Gives out no address of an object, only its bytes, and any part of them."""

    problems: tuple[type[Exception], ...] = (OSError, Boto3Error, BotoCoreError, ClientError)

    def get_default_settings(self) -> dict[str, Any]:
        """One part after the other, so that no more than one is in memory."""
        return {
            **super().get_default_settings(),
            "default_acl": None,
            "querystring_auth": True,
            "transfer_config": TransferConfig(
                multipart_threshold=PART, multipart_chunksize=PART, use_threads=False, max_concurrency=1
            ),
        }

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        # Checksums only where the protocol asks for them: not every store knows the new ones.
        self.client_config: Any = self.client_config.merge(
            Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=ANSWER_SECONDS,
                retries={"total_max_attempts": 2, "mode": "standard"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            )
        )

    def url(self, *args: Any, **kwargs: Any) -> str:
        raise ValueError("files are served by the portal alone")

    def pieces(self, name: str, start: int, end: int) -> Iterator[bytes]:
        """The bytes from `start` up to, not including, `end`."""
        found = self.bucket.Object(self._normalize_name(name)).get(Range=f"bytes={start}-{end - 1}")
        yield from found["Body"].iter_chunks(PIECE)
