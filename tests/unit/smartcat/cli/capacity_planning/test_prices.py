import pytest

from smartcat.cli.capacity_planning.errors import PlanningError
from smartcat.cli.capacity_planning.prices import BUILT_IN, make_prices, read_pairs, read_price_file


def test_every_price_has_a_source_a_unit_and_a_date() -> None:
    """Whoever checks one knows where to look."""
    for name, price in BUILT_IN.items():
        assert price.name == name
        assert price.source.startswith("https://aws.amazon.com/")
        assert price.usd > 0
        assert price.unit
        assert price.read
        assert price.region == "us-east-1"


def test_own_prices_replace_and_the_others_are_counted_as_foreign() -> None:
    """In another region each price that was not given is one to check."""
    found = make_prices("eu-central-1", {"shard_hour": (0.018, "--price")})
    assert found["shard_hour"] == 0.018
    assert found.elsewhere == len(BUILT_IN) - 1
    assert make_prices("us-east-1", {}).elsewhere == 0


@pytest.mark.parametrize("usd", [-1.0, float("inf"), float("nan"), 1e7])
def test_what_is_no_price_is_refused(usd: float) -> None:
    """By its name."""
    with pytest.raises(PlanningError, match="price shard_hour: expected 0 to 1000000 dollars"):
        make_prices("us-east-1", {"shard_hour": (usd, "--price")})


def test_a_file_of_prices_is_toml_or_json() -> None:
    """A name and dollars each."""
    assert read_price_file("shard_hour = 0.02\nlogs_gb = 1\n", "p.toml") == {
        "shard_hour": 0.02,
        "logs_gb": 1.0,
    }
    assert read_price_file('{"shard_hour": 0.02}', "p.json") == {"shard_hour": 0.02}


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("shard_hour", "p.toml", "p.toml: expected TOML"),
        ("[1]", "p.json", "p.json: expected names and prices"),
        ("shard_hour = true", "p.toml", "p.toml: shard_hour: expected a number"),
        ("[" * 100_000, "p.json", "p.json: expected TOML, or JSON"),
        ('{"shard_hour": 1' + "0" * 400 + "}", "p.json", "p.json: shard_hour: expected 0 to 1000000 dollars"),
    ],
)
def test_a_bad_file_is_named_in_one_line(text: str, name: str, said: str) -> None:
    """With the key, where there is one."""
    with pytest.raises(PlanningError) as caught:
        read_price_file(text, name)
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_pairs_are_names_and_numbers() -> None:
    """The last of one name counts; what is no pair is named by its place."""
    assert read_pairs(["a=1", "a=2e3"], "price") == {"a": 2000.0}
    for bad in ("a", "=1", "a=", "a=x", "a=inf"):
        with pytest.raises(PlanningError, match="--price number 2: expected NAME=NUMBER"):
            read_pairs(["a=1", bad], "price")
