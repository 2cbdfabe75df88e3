from training_taskgraph.names import cache_name, shortened, treeherder_symbol


def test_a_plain_short_name_stays():
    assert cache_name("opus-ParaCrawl_v9-en-ru") == "opus-ParaCrawl_v9-en-ru"


def test_a_long_or_odd_name_is_cut_and_stays_unique():
    long = "mtdata-" + "x" * 113
    names = [long, long + "y", "mtdata-äñö", "mtdata-aao", "mtdata.aao"]
    short = [shortened(name, 60) for name in names]
    assert len(set(short)) == len(names)
    assert all(len(name) <= 60 and name.isascii() for name in short)


def test_symbols_fit_treeherder():
    symbol = treeherder_symbol("corpus-clean-parallel-fetch-bicleaner-model", "en-ru")
    group, name = symbol.removesuffix(")").split("(")
    assert (group, len(name)) == ("corpus", 25)
