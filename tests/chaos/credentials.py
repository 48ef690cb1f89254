"""A producer's credentials, which are renewed before each request, and cannot be had while a fault lasts."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import CredentialRetrievalError
from botocore.session import Session

if TYPE_CHECKING:
    from support.system import System


class ProducerCredentials:
    """Credentials that expire at once.

    Attributes:
        gone: While set, they cannot be renewed.
        failures: How often they could not.
    """

    def __init__(self, system: System) -> None:
        self._environment = system.environment
        self.gone = threading.Event()
        self.failures = 0

    def kinesis(self) -> Any:
        """Return a client of Kinesis that makes one attempt a call, for a producer."""
        variables = self._environment
        session = Session()
        session._credentials = RefreshableCredentials.create_from_metadata(  # type: ignore[attr-defined]
            self._renew(), self._renew, method="chaos"
        )
        return session.create_client(
            "kinesis",
            region_name=variables["AWS_DEFAULT_REGION"],
            endpoint_url=variables["AWS_ENDPOINT_URL"],
            config=Config(retries={"mode": "standard", "total_max_attempts": 1}),
        )

    def _renew(self) -> dict[str, str]:
        if self.gone.is_set():
            self.failures += 1
            raise CredentialRetrievalError(provider="chaos", error_msg="nobody answers")
        # So soon that botocore renews them before each request: it asks for ten minutes.
        expires = datetime.now(UTC) + timedelta(minutes=1)
        return {
            "access_key": self._environment["AWS_ACCESS_KEY_ID"],
            "secret_key": self._environment["AWS_SECRET_ACCESS_KEY"],
            "token": "token",
            "expiry_time": expires.isoformat(),
        }
