"""moto prepared for one run (empty, without Docker, patched), and restored. Does not touch os.environ."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from moto.core.config import default_user_config
from moto.moto_api._internal.models import moto_api_backend

from smartcat.local_aws.moto_patches import patched_moto

if TYPE_CHECKING:
    from collections.abc import Iterator

_DOCKER_USERS = ("lambda", "batch")


@contextmanager
def prepared_moto() -> Iterator[None]:
    """Reset moto before and after a ``with`` block, and keep it from using Docker in between."""
    config = cast("dict[str, Any]", default_user_config)
    before = {name: config.get(name) for name in _DOCKER_USERS}
    moto_api_backend.reset()
    try:
        config.update({name: {"use_docker": False} for name in _DOCKER_USERS})
        with patched_moto():
            yield
    finally:
        config.update(before)
        moto_api_backend.reset()
