from collections import Counter

from pipeline.vocab.sample import reservoir_sample


def test_a_short_stream_is_kept_whole():
    assert reservoir_sample(iter(range(5)), 10, seed=1) == [0, 1, 2, 3, 4]


def test_every_item_is_as_likely_as_any_other():
    drawn = Counter(item for seed in range(3000) for item in reservoir_sample(range(20), 5, seed))
    assert sum(drawn.values()) == 15000
    # 750 each, with a standard deviation of 24.
    assert set(drawn) == set(range(20))
    assert all(abs(count - 750) < 120 for count in drawn.values())


def test_the_same_seed_draws_the_same_items_and_none_twice():
    first = reservoir_sample(range(1000), 100, seed=7)
    assert first == reservoir_sample(range(1000), 100, seed=7)
    assert first != reservoir_sample(range(1000), 100, seed=8)
    assert len(set(first)) == 100
