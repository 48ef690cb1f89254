import gc

import pytest

from stream_processor.cold_start import without_garbage_collection


def test_garbage_is_looked_for_again_afterwards() -> None:
    """Not while an environment starts, and again from then on, whether it started or not."""
    frozen = gc.get_freeze_count()
    try:
        with without_garbage_collection():
            assert not gc.isenabled()
        assert gc.isenabled()
        assert gc.get_freeze_count() > frozen
        with pytest.raises(ValueError, match="no model"), without_garbage_collection():
            raise ValueError("no model")
        assert gc.isenabled()
    finally:
        gc.unfreeze()
