"""The naive way with idempotency keys, for the controls of races."""

import time
from collections.abc import Callable
from typing import Any

from rest_framework.response import Response

from core.models import KeptAnswer


def looks_first(handler: Callable[..., Any], key: str) -> Callable[..., Any]:
    """Look whether the key was used, do the work, then note the key: requests that arrive together all find nothing."""

    def answered(view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        same = {"account": request.user, "operation": "POST", "key": key}
        if KeptAnswer.objects.filter(**same).exists():
            return Response({}, status=409)
        time.sleep(0.07)  # processes that start together are that far apart
        answer = handler(view, request, *args, **kwargs)
        KeptAnswer.objects.bulk_create([KeptAnswer(**same)], ignore_conflicts=True)
        return answer

    return answered
