"""Properties of every plan, whatever the seed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.plan import OUTAGES, Aggregate, FaultKind, Single, UnreadableRecord, Version
from chaos.plan_generator import MOST_UNREADABLE_RECORDS, generate_plan
from chaos.records import MARKER, ExpectedRejection, document, records_of
from chaos.seeds import SHORT_SET, selected_seeds
from smartcat.cli.samples.rejected_records import rejected_payloads
from smartcat.local_aws.server.fault_rules import validate_rules
from smartcat.wire_format.document import from_bytes
from smartcat.wire_format.errors import WireFormatError
from smartcat.wire_format.kpl_aggregate import unpack

seeds = st.integers(min_value=0, max_value=2**32)


@given(seeds)
def test_a_seed_is_a_plan(seed: int) -> None:
    """The same seed gives the same plan, to the last word of its text."""
    plan, same = generate_plan(seed), generate_plan(seed)
    assert plan == same
    assert str(plan) == str(same)
    assert f"make chaos SEED={seed}" in str(plan)


@given(seeds)
def test_sizes_stay_in_their_ranges(seed: int) -> None:
    """Plans are small enough to take seconds, and every put has its place in a wave."""
    plan = generate_plan(seed)
    assert 1 <= plan.shards <= 4
    assert 1 <= plan.parallelization_factor <= 2
    assert 20 <= plan.write_units <= 200
    assert plan.overestimate >= 1
    assert 250 <= len(list(plan.versions())) <= 3 * 450
    assert all(wave.puts for wave in plan.waves)
    assert [wave.at for wave in plan.waves] == sorted(wave.at for wave in plan.waves)
    rejected = [put.number for put in plan.puts() if isinstance(put, UnreadableRecord)]
    assert sorted(rejected) == list(range(len(rejected)))
    assert 8 <= len(rejected) <= MOST_UNREADABLE_RECORDS


@given(seeds)
def test_versions_of_a_document_are_put_in_order_under_one_key(seed: int) -> None:
    """Otherwise none of them would be the last."""
    last: dict[str, int] = {}
    keys: dict[str, set[str | None]] = {}
    for put in generate_plan(seed).puts():
        for version in versions_of(put):
            assert version.number == last.get(version.document_id, 0) + 1
            last[version.document_id] = version.number
            keys.setdefault(version.document_id, set()).add(put.key if isinstance(put, Aggregate) else None)
    assert max(last.values()) <= 3
    assert all(len(each) == 1 for each in keys.values())


def versions_of(put: object) -> list[Version]:
    """Return the versions in one record."""
    if isinstance(put, Single):
        return [put.version]
    return [part for part in put.parts if isinstance(part, Version)] if isinstance(put, Aggregate) else []


@given(seeds)
def test_faults_can_be_injected(seed: int) -> None:
    """Rules are local AWS's, times are in order, shards to merge exist, counts are what AWS accepts."""
    plan = generate_plan(seed)
    assert len(plan.kinds) >= 5
    assert [fault.at for fault in plan.faults] == sorted(fault.at for fault in plan.faults)
    validate_rules([rule for fault in plan.faults for rule in fault.rules])
    shards = plan.shards
    for fault in plan.faults:
        assert fault.at > 0
        assert 0 <= fault.choice < 1
        without_rule = {FaultKind.NOISY_NEIGHBOR, FaultKind.CREDENTIALS_GONE}
        assert (fault.lasts > 0) == (fault.rule is not None or fault.kind in without_rule)
        if fault.kind is FaultKind.SPLIT:
            shards += 1
        elif fault.kind is FaultKind.MERGE:
            assert shards >= 2
            shards -= 1
        elif fault.kind is FaultKind.RESCALE:
            assert shards / 2 <= fault.number <= 2 * shards
            assert fault.number != shards
            shards = int(fault.number)


@given(seeds)
def test_retries_run_out_only_on_purpose(seed: int) -> None:
    """A plan without retries has the outage that exhausts them, and the others cannot exhaust theirs."""
    plan = generate_plan(seed)
    assert bool(plan.kinds & OUTAGES) == (plan.max_retries == 0)
    assert not (plan.max_retries == 0 and FaultKind.DESTINATION_DOWN in plan.kinds)


def test_the_short_set_has_every_kind_of_fault() -> None:
    """So `make test` does each of them. If a change of the generator breaks this, look for other seeds."""
    assert set().union(*(generate_plan(seed).kinds for seed in SHORT_SET)) == set(FaultKind)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [({}, SHORT_SET), ({"CHAOS_SEEDS": "3"}, (1, 2, 3)), ({"CHAOS_SEEDS": "3", "CHAOS_SEED": "17"}, (17,))],
)
def test_seeds_are_chosen_by_variables(
    variables: dict[str, str], expected: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One seed goes before a number of seeds, and the default is the short set."""
    for name in ("CHAOS_SEED", "CHAOS_SEEDS"):
        monkeypatch.setenv(name, variables.get(name, ""))
    assert selected_seeds() == expected


@pytest.mark.parametrize("seed", SHORT_SET)
def test_the_records_are_what_the_plan_says(seed: int) -> None:
    """Each document reads back as itself, each invalid part has its reason, and no two records are equal."""
    records = records_of(generate_plan(seed))
    assert len({each.data for each in records}) == len(records)
    for each in records:
        if not each.aggregated and isinstance(each.contents[0], ExpectedRejection):
            # Rejected payloads have tests of their own: tests/unit/smartcat/cli/samples/test_poison.py
            continue
        parts = [record.data for record in unpack(each.data)] if each.aggregated else [each.data]
        for data, content in zip(parts, each.contents, strict=True):
            if isinstance(content, Version):
                assert from_bytes(data) == document(content)
                assert MARKER in document(content).pages[0]
            else:
                with pytest.raises(WireFormatError) as caught:
                    from_bytes(data)
                assert caught.value.reason.value == content.reason


def test_there_are_enough_rejected_payloads() -> None:
    """The generator may ask for as many payloads as there are kinds."""
    assert len(rejected_payloads(1)) == MOST_UNREADABLE_RECORDS
