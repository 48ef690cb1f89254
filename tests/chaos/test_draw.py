"""What the generator promises of every plan, whatever the seed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.cargo import MARKER, Bad, cargo_of, document
from chaos.draw import POISON_PAYLOADS, draw
from chaos.plan import Aggregate, Kind, Poison, Single, Version
from chaos.seeds import SHORT_SET, chosen_seeds
from smartcat.cli.samples.rejected_records import rejected_payloads
from smartcat.local_aws.faults import read_rules
from smartcat.wire_format.aggregation import unpack
from smartcat.wire_format.document import from_bytes
from smartcat.wire_format.errors import WireFormatError

seeds = st.integers(min_value=0, max_value=2**32)


@given(seeds)
def test_a_seed_is_a_plan(seed: int) -> None:
    """The same seed gives the same plan, to the last word of what is printed."""
    assert draw(seed) == draw(seed)
    assert str(draw(seed)) == str(draw(seed))
    assert f"make chaos SEED={seed}" in str(draw(seed))


@given(seeds)
def test_sizes_stay_in_their_ranges(seed: int) -> None:
    """Plans are small enough to take seconds, and every put has its place in a wave."""
    plan = draw(seed)
    assert 1 <= plan.shards <= 4
    assert 1 <= plan.parallelization_factor <= 2
    assert 20 <= plan.write_units <= 200
    assert plan.overestimate >= 1
    assert 250 <= len(list(plan.versions())) <= 3 * 450
    assert all(wave.puts for wave in plan.waves)
    assert [wave.at for wave in plan.waves] == sorted(wave.at for wave in plan.waves)
    poison = [put.number for put in plan.puts() if isinstance(put, Poison)]
    assert sorted(poison) == list(range(len(poison)))
    assert 8 <= len(poison) <= POISON_PAYLOADS


@given(seeds)
def test_versions_of_a_document_are_put_in_order_under_one_key(seed: int) -> None:
    """Otherwise nobody could say which of them is the last."""
    last: dict[str, int] = {}
    keys: dict[str, set[str | None]] = {}
    for put in draw(seed).puts():
        for version in versions_of(put):
            assert version.number == last.get(version.document_id, 0) + 1
            last[version.document_id] = version.number
            keys.setdefault(version.document_id, set()).add(put.key if isinstance(put, Aggregate) else None)
    assert max(last.values()) <= 3
    assert all(len(each) == 1 for each in keys.values())


def versions_of(put: object) -> list[Version]:
    """Give the versions in one record."""
    if isinstance(put, Single):
        return [put.version]
    return [part for part in put.parts if isinstance(part, Version)] if isinstance(put, Aggregate) else []


@given(seeds)
def test_harms_can_be_done(seed: int) -> None:
    """Rules are local AWS's, moments are in order, shards to merge exist, counts are what AWS takes."""
    plan = draw(seed)
    assert len(plan.kinds) >= 5
    assert [harm.at for harm in plan.harms] == sorted(harm.at for harm in plan.harms)
    read_rules([dict(harm.rule) for harm in plan.harms if harm.rule])
    shards = plan.shards
    for harm in plan.harms:
        assert harm.at > 0
        assert 0 <= harm.choice < 1
        assert (harm.lasts > 0) == (harm.rule is not None or harm.kind is Kind.NEIGHBOUR)
        if harm.kind is Kind.SPLIT:
            shards += 1
        elif harm.kind is Kind.MERGE:
            assert shards >= 2
            shards -= 1
        elif harm.kind is Kind.RESCALE:
            assert shards / 2 <= harm.number <= 2 * shards
            assert harm.number != shards
            shards = int(harm.number)


@given(seeds)
def test_nobody_is_killed_while_the_table_is_slow(seed: int) -> None:
    """A held write of a dead environment could be served after a later version was stored."""
    harms = draw(seed).harms
    kills = [harm.at for harm in harms if harm.kind in {Kind.KILL_ALL, Kind.KILL_ONE}]
    for slow in (harm for harm in harms if harm.kind is Kind.TABLE_LATENCY):
        assert slow.rule
        assert slow.rule["seconds"] <= 1.0
        assert all(at > slow.at + slow.lasts for at in kills)


@given(seeds)
def test_retries_run_out_only_on_purpose(seed: int) -> None:
    """A plan without retries has the outage that uses them up, and the others cannot use theirs up."""
    plan = draw(seed)
    assert (Kind.TABLE_OUTAGE in plan.kinds) == (plan.max_retries == 0)


def test_the_short_set_holds_every_kind_of_harm() -> None:
    """So `make test` does each of them. If a change of the generator breaks this, look for other seeds."""
    assert set().union(*(draw(seed).kinds for seed in SHORT_SET)) == set(Kind)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [({}, SHORT_SET), ({"CHAOS_SEEDS": "3"}, (1, 2, 3)), ({"CHAOS_SEEDS": "3", "CHAOS_SEED": "17"}, (17,))],
)
def test_seeds_are_chosen_by_variables(
    variables: dict[str, str], expected: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One seed goes before a number of seeds, and without either the short set is played."""
    for name in ("CHAOS_SEED", "CHAOS_SEEDS"):
        monkeypatch.setenv(name, variables.get(name, ""))
    assert chosen_seeds() == expected


@pytest.mark.parametrize("seed", SHORT_SET)
def test_the_cargo_is_what_the_plan_says(seed: int) -> None:
    """Each document reads back as itself, each bad part has its reason, and no record is there twice."""
    cargo = cargo_of(draw(seed))
    assert len({each.data for each in cargo}) == len(cargo)
    for each in cargo:
        if not each.aggregated and isinstance(each.contents[0], Bad):
            continue  # poison has tests of its own: tests/unit/smartcat/cli/samples/test_rejected_records.py
        parts = [record.data for record in unpack(each.data)] if each.aggregated else [each.data]
        for data, content in zip(parts, each.contents, strict=True):
            if isinstance(content, Version):
                assert from_bytes(data) == document(content)
                assert MARKER in document(content).pages[0]
            else:
                with pytest.raises(WireFormatError) as caught:
                    from_bytes(data)
                assert caught.value.reason.value == content.reason


def test_there_is_enough_poison() -> None:
    """The generator may ask for as many payloads as there are sorts."""
    assert len(rejected_payloads(1)) == POISON_PAYLOADS
