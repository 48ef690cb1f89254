import pytest

from producers.core.prices import on_demand_bytes, payload_units


@pytest.mark.parametrize(("size", "units"), [(1, 1), (25_600, 1), (25_601, 2), (51_200, 2), (2**20, 41)])
def test_payload_units_by_hand(size: int, units: int) -> None:
    """Each 25 KiB is billed as a whole unit."""
    assert payload_units(size) == units


@pytest.mark.parametrize(("size", "billed"), [(1, 1024), (1024, 1024), (1025, 2048), (2**20, 2**20)])
def test_on_demand_bytes_by_hand(size: int, billed: int) -> None:
    """Each record is rounded up to whole KiB."""
    assert on_demand_bytes(size) == billed
