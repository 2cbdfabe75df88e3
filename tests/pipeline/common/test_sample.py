from collections import Counter

from pipeline.common.sample import sample


def test_every_item_is_equally_likely():
    counts = Counter(item for seed in range(3000) for item in sample(range(10), 10, 3, seed))
    assert sum(counts.values()) == 9000
    assert all(780 < counts[item] < 1020 for item in range(10))  # 900 expected, standard deviation 25


def test_all_where_the_sample_is_not_smaller():
    assert list(sample("abc", 3, 3, 1)) == list(sample("abc", 3, 9, 1)) == ["a", "b", "c"]
