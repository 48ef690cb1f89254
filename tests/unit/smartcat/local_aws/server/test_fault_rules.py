from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.local_aws.server.fault_rules import FaultRule, FaultRuleSet, parse_rules, validate_rules


@dataclass(frozen=True)
class Asked:
    """A call as the rules see it."""

    service: str = "dynamodb"
    operation: str = "PutItem"
    resources: frozenset[str] = frozenset({"results"})


def faults(*rules: dict[str, Any], seed: int = 0, now: float = 0.0) -> FaultRuleSet:
    """These rules at work."""
    return FaultRuleSet(validate_rules(list(rules)), seed=seed, now=now)


def error(**more: Any) -> dict[str, Any]:
    """A rule that rejects calls of DynamoDB."""
    return {"service": "dynamodb", "kind": "error", **more}


def struck(found: FaultRuleSet, call: Asked | None = None, now: float = 0.0) -> bool:
    """Whether a call is ended by a rule."""
    return found.decide(call or Asked(), now).rule is not None


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ({"service": "*"}, True),
        ({"service": "kinesis"}, False),
        ({"operation": "PutItem"}, True),
        ({"operation": "GetItem"}, False),
        ({"resource": "results"}, True),
        ({"resource": "others"}, False),
        ({"service": "*", "operation": "PutItem", "resource": "results"}, True),
        ({"service": "*", "operation": "PutItem", "resource": "others"}, False),
    ],
)
def test_a_rule_concerns_its_service_operation_and_resource(scope: dict[str, Any], expected: bool) -> None:  # noqa: FBT001 - a column of the table
    """All that a rule names must agree; what it leaves out does not matter."""
    assert struck(faults(error(**scope))) == expected


def test_a_window_begins_after_and_ends_when_it_has_lasted() -> None:
    """Set at second 100, after 10, lasting 5: from 110 inclusive to 115 exclusive."""
    found = faults(error(after=10, lasts=5), now=100.0)
    assert [struck(found, now=now) for now in (100.0, 109.9, 110.0, 114.9, 115.0, 1e9)] == [
        False,
        False,
        True,
        True,
        False,
        False,
    ]


def test_a_rule_without_an_end_lasts_for_ever() -> None:
    """After ten seconds, and still after a year."""
    found = faults(error(after=10))
    assert [struck(found, now=now) for now in (9.9, 10.0, 3e7)] == [False, True, True]


def test_calls_outside_the_window_throw_no_dice() -> None:
    """The n-th call inside the window has the same decision, however many came before."""
    early, late = (faults(error(rate=0.5, after=10)) for _ in range(2))
    for _ in range(17):
        struck(early, now=5.0)
    assert [struck(early, now=11.0) for _ in range(50)] == [struck(late, now=11.0) for _ in range(50)]


@pytest.mark.parametrize(("rate", "expected"), [(0, 0), (0.25, 250), (1, 1000)])
def test_a_rate_is_the_share_of_calls_that_meet_the_rule(rate: float, expected: int) -> None:
    """Of 1,000 calls none, a quarter within five percent points, or all."""
    found = faults(error(rate=rate))
    count = sum(struck(found) for _ in range(1000))
    assert abs(count - expected) <= (0 if rate in {0, 1} else 50)


def test_a_seed_repeats_and_another_does_not() -> None:
    """The same seed gives the same decisions in the same order; so does a rule's position."""

    def decisions(seed: int) -> list[bool]:
        found = faults(error(rate=0.5), seed=seed)
        return [struck(found) for _ in range(64)]

    assert decisions(7) == decisions(7)
    assert decisions(7) != decisions(8)


def test_rules_do_not_disturb_each_others_dice() -> None:
    """A second rule has the same decisions beside one that always strikes as beside one that never does."""
    second = error(rate=0.5, operation="PutItem")
    outcomes = []
    for rate in (0, 1):
        found = faults({"service": "*", "kind": "latency", "seconds": 1, "rate": rate}, second)
        outcomes.append([struck(found) for _ in range(64)])
    assert outcomes[0] == outcomes[1]


def test_latencies_add_up_and_the_first_other_rule_decides() -> None:
    """Half a second, then a hang of two: held for 2.5 s and cut; the error after it is not asked."""
    found = faults(
        {"service": "*", "kind": "latency", "seconds": 0.5},
        {"service": "*", "kind": "hang", "seconds": 2},
        error(),
        {"service": "*", "kind": "latency", "seconds": 9},
    )
    decide = found.decide(Asked(), 0.0)
    assert decide.delay == 2.5
    assert decide.rule == found.rules[1]
    assert [each["faults"] for each in found.counts()] == [1, 1, 0, 0]


def test_counts_tell_calls_in_scope_and_calls_that_met_the_rule() -> None:
    """Ten calls in scope and one outside; the rule is told as it was given, without its defaults."""
    found = faults(error(rate=1, operation="PutItem"))
    for _ in range(10):
        struck(found)
    struck(found, Asked(operation="GetItem"))
    assert found.counts() == [
        {
            "service": "dynamodb",
            "kind": "error",
            "rate": 1,
            "operation": "PutItem",
            "calls": 10,
            "faults": 10,
        }
    ]


@pytest.mark.parametrize(
    ("service", "more", "code"),
    [
        ("dynamodb", {}, "InternalServerError"),
        ("kinesis", {}, "InternalFailure"),
        ("s3", {}, "InternalError"),
        ("sqs", {}, "InternalFailure"),
        ("sns", {}, "InternalError"),
        ("lambda", {}, "ServiceException"),
        ("s3", {"status": 503}, "ServiceUnavailable"),
        ("s3", {"status": 503, "code": "SlowDown"}, "SlowDown"),
    ],
)
def test_an_error_has_the_services_usual_code_unless_told(
    service: str, more: dict[str, Any], code: str
) -> None:
    """A rule for every service takes the code of the service that is called."""
    (rule,) = validate_rules([{"service": "*", "kind": "error", **more}])
    assert rule.code_for(service) == code


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"kind": "error"}, "fault rule 2: service: Field required"),
        ({"service": "ec2", "kind": "error"}, "fault rule 2: service: Input should be"),
        (error(kind="eror"), "fault rule 2: kind: Input should be"),
        (error(rate=1.5), "fault rule 2: rate: Input should be less than or equal to 1"),
        (error(rate=float("nan")), "fault rule 2: rate: Input should be a finite number"),
        (error(rate="1"), "fault rule 2: rate: Input should be a valid number"),
        (error(status=200), "fault rule 2: status: Input should be greater than or equal to 400"),
        (error(after=-1), "fault rule 2: after: Input should be greater than or equal to 0"),
        (error(lasts=0), "fault rule 2: lasts: Input should be greater than 0"),
        (error(ratio=1), "fault rule 2: ratio: Extra inputs are not permitted"),
        (error(code="<Code>"), "fault rule 2: code: String should match pattern"),
        (error(operation="PutItems"), "fault rule 2: operation: dynamodb has none called PutItems"),
        (
            error(seconds=1),
            "fault rule 2: seconds: required for hang, late and latency, and for nothing else",
        ),
        ({"service": "s3", "kind": "hang"}, "fault rule 2: seconds: required for hang, late and latency"),
        (
            {"service": "s3", "kind": "lost_answer", "status": 500},
            "fault rule 2: status: only an error has one",
        ),
        (error(status=429), "fault rule 2: code: required with status 429"),
        ("error", "fault rule 2: Input should be a valid dictionary"),
    ],
)
def test_a_wrong_rule_is_told_by_its_number_and_field(rule: Any, message: str) -> None:
    """One line: which rule, which field, what was expected."""
    with pytest.raises(ValueError, match=r"^fault rule 2: ") as caught:
        validate_rules([error(), rule])
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "{}", "7", '"error"', "null", b"\xff"])
def test_what_is_no_list_of_rules_says_what_was_expected(text: str | bytes) -> None:
    """Broken JSON and other JSON are told alike."""
    with pytest.raises(ValueError, match=r"^fault rules: expected a JSON list of objects$"):
        parse_rules(text)


@given(
    st.lists(
        st.fixed_dictionaries(
            {"service": st.sampled_from(["s3", "*"]), "kind": st.just("error")},
            optional={"rate": st.floats(0, 1), "after": st.floats(0, 1e6), "lasts": st.floats(0.1, 1e6)},
        ),
        max_size=5,
    )
)
def test_rules_survive_json(rules: list[dict[str, Any]]) -> None:
    """What was read from JSON text is what the dictionaries say, and rules may be given as rules."""
    found = parse_rules(json.dumps(rules))
    assert found == validate_rules(rules) == validate_rules(found)
    assert all(isinstance(rule, FaultRule) for rule in found)


@given(st.integers(), st.lists(st.booleans(), max_size=40), st.floats(0, 1))
def test_the_nth_call_in_scope_has_one_decision(seed: int, mine: list[bool], rate: float) -> None:
    """Calls of others in between change nothing."""
    alone, among = faults(error(rate=rate), seed=seed), faults(error(rate=rate), seed=seed)
    expected = [struck(alone) for _ in range(sum(mine))]
    decisions = [struck(among, Asked(service="dynamodb" if own else "s3")) for own in mine]
    assert [decision for decision, own in zip(decisions, mine, strict=True) if own] == expected
