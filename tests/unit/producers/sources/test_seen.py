from producers.sources.seen import MaybeSeen


def test_a_noted_name_is_never_denied() -> None:
    """The set errs to one side only, and hardly ever there."""
    seen = MaybeSeen()
    names = [f"folder/{number}.txt" for number in range(5000)]
    assert not any(seen.add(name) for name in names)
    assert all(seen.add(name) for name in names)
    assert not seen.add("\udcff.txt")
