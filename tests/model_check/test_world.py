from __future__ import annotations

from dataclasses import replace

from model_check.environment import replaced
from model_check.generator import generate_world
from model_check.payloads import Stream
from model_check.run import Outcome, final_problems, run_world
from model_check.shrink import shrink
from model_check.world import FaultKind, Part, PartKind, Put

UNANSWERABLE = {FaultKind.TABLE_DAMAGED, FaultKind.OBJECTS_DAMAGED}
"""What botocore makes of these is for botocore to say."""


def runs(seed: int, *, through_botocore: bool) -> Outcome:
    """Run a world by one of the ways to the table."""
    return run_world(replace(generate_world(seed), through_botocore=through_botocore), traced=True)


def test_a_world_is_the_same_at_every_run() -> None:
    """The seed decides everything: which thread runs, how long it takes, what meets a fault."""
    with replaced():
        for seed in range(10):
            assert run_world(generate_world(seed), traced=True) == run_world(
                generate_world(seed), traced=True
            )


def test_the_fast_clients_do_what_botocore_does() -> None:
    """The same worlds through botocore's real clients, bytes and all, take the same course to the moment."""
    with replaced():
        for seed in range(25):
            if not UNANSWERABLE & {fault.kind for fault in generate_world(seed).faults}:
                assert runs(seed, through_botocore=False) == runs(seed, through_botocore=True), seed


def test_worlds_have_every_kind_of_fault_and_record() -> None:
    """Nothing that can happen is left to the seeds of others."""
    worlds = [generate_world(seed) for seed in range(300)]
    assert {fault.kind for world in worlds for fault in world.faults} == set(FaultKind)
    parts = [part for world in worlds for _, _, part in world.parts()]
    assert {part.kind for part in parts} == set(PartKind)
    assert any(part.replay_of is not None for part in parts)
    assert {world.environments for world in worlds} == {1, 2, 3}
    assert {world.through_botocore for world in worlds} == {True, False}


def test_all_versions_of_a_document_have_one_key() -> None:
    """What Kinesis orders is all that a world may ask the function to know."""
    for seed in range(300):
        lanes: dict[int, set[int]] = {}
        for put, _, part in generate_world(seed).parts():
            lanes.setdefault(part.document, set()).add(put.lane)
        assert all(len(lane) == 1 for lane in lanes.values()), seed


def small_stream() -> Stream:
    """Two versions of d1, and a record to be rejected."""
    puts = (
        Put(0, 0.0, 0, (Part(1), Part(2, PartKind.JUNK)), aggregate=True),
        Put(1, 0.0, 0, (Part(1),), aggregate=False),
    )
    return Stream(replace(generate_world(0), puts=puts, faults=()))


def test_the_end_of_a_world_is_judged_by_every_record() -> None:
    """Lost, older, put aside though sound, or not put aside: each is told."""
    versions = small_stream().versions
    old, junk, new = versions.values()
    stored = {"d1": {"sequence_number": {"S": new.place[0]}, "label": {"S": "v1.0"}}}
    older = {
        "d1": {
            "sequence_number": {"S": old.place[0]},
            "sub_sequence_number": {"N": "0"},
            "label": {"S": "v0.0"},
        }
    }
    quarantined = {junk.place: junk.data}
    assert final_problems(versions, stored, quarantined) == []
    assert final_problems(versions, {}, quarantined) == ["d1: lost, 1.0 should be in the table"]
    assert final_problems(versions, older, quarantined) == ["d1: the table has v0.0, and 1.0 is newest"]
    assert final_problems(versions, stored, {}) == ["d2: 0.1 is not in the quarantine, with its bytes"]
    assert final_problems(versions, stored, {junk.place: b"else"}) != []
    aside = {**quarantined, old.place: old.data}
    assert final_problems(versions, stored, aside) == ["d1: 0.0 is in the quarantine, and is sound"]


def test_a_failing_world_is_made_small() -> None:
    """What it fails without is left out: records, parts, faults, environments."""
    world = generate_world(next(seed for seed in range(300) if len(generate_world(seed).faults) > 3))
    assert len(world.puts) > 1
    needed = world.faults[1]
    small = shrink(world, lambda candidate: needed in candidate.faults)
    assert small.faults == (needed,)
    assert small.puts == ()
    assert (small.environments, small.sub_shards, small.batch_size) == (1, 1, 1)
