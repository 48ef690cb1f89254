from smartcat.cli.demo.snapshots import Snapshot, rate, rates


def sample(seconds: float, stored: int = 0, accepted: int = 0, quarantined: int = 0) -> Snapshot:
    """Make a sample."""
    return Snapshot(seconds, accepted, 0, stored, quarantined, 100.0, float(stored), 0, 1)


def test_backlog_is_what_was_accepted_and_is_nowhere_yet() -> None:
    """Stored and quarantined records leave the backlog."""
    assert sample(1, accepted=10, stored=6, quarantined=1).backlog == 3


def test_a_document_sent_twice_is_no_backlog() -> None:
    """Two records of one id share an item: waiting for a second would be waiting for ever."""
    now = Snapshot(1, 10, 3, 7, 0, 100.0, 7.0, 0, 1)
    assert now.backlog == 0


def test_backlog_is_never_negative() -> None:
    """A table read after the producer's count may be ahead of it."""
    assert sample(1, accepted=5, stored=6).backlog == 0


def test_rate_looks_at_the_window_only() -> None:
    """Over the last 3 s 60 documents came, whatever was before."""
    samples = [sample(0), sample(7, 1000), sample(8, 1030), sample(10, 1060)]
    assert rate(samples, "stored") == 20.0


def test_rate_with_samples_further_apart_than_the_window() -> None:
    """A late sample is compared with the one before it, not with itself."""
    assert rate([sample(0, 0), sample(10, 50)], "stored") == 5.0


def test_rate_of_too_little_is_zero() -> None:
    """One sample has no rate, nor have two of the same moment."""
    assert rate([sample(1, 5)], "stored") == 0.0
    assert rate([sample(1, 5), sample(1, 9)], "stored") == 0.0


def test_rates_give_one_point_a_sample() -> None:
    """Each point is the rate as it was at that sample."""
    assert rates([sample(0), sample(1, 10), sample(2, 40)], "stored") == [(0, 0.0), (1, 10.0), (2, 20.0)]
