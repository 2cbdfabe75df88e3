"""Takes the vocabularies of an earlier run.

In: the addresses of two SentencePiece models (http, https, file); for a joint vocabulary the same one twice. Out: the two files as they
are. Each is loaded, and must have the pieces that Marian cannot do without.

Statistics: `sources`, and the number of pieces of each side.
"""

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

from pipeline.common.outputs import atomic_output, write_json
from pipeline.common.scratch import scratch_folder
from pipeline.common.script import base_parser, run
from pipeline.continuation.vocabulary import load_vocabulary


def parser() -> argparse.ArgumentParser:
    options = base_parser(__doc__)
    options.add_argument("--src-url", required=True, metavar="URL", help="vocabulary of the source language")
    options.add_argument("--trg-url", required=True, metavar="URL", help="vocabulary of the target language")
    options.add_argument("--output", type=Path, nargs=2, required=True, metavar=("SRC_SPM", "TRG_SPM"))
    options.add_argument("--work-dir", type=Path, metavar="DIR", help="room for the downloaded files (default: beside the output)")
    return options


def main(argv: Sequence[str] | None = None) -> None:
    arguments = parser().parse_args(argv)
    # requests takes a while to import, and whoever only asks for the parser does not need it
    from pipeline.common.fetch import fetch, local_name
    from pipeline.common.url_check import check_urls

    urls = [arguments.src_url, arguments.trg_url]
    check_urls(urls)
    with scratch_folder(arguments.output[0], "download", arguments.work_dir) as folder:
        paths = [folder / local_name(url) for url in urls]
        sources = [fetch(url, path) for url, path in dict(zip(urls, paths, strict=True)).items()]
        sizes = [len(load_vocabulary(path, url)) for url, path in zip(urls, paths, strict=True)]
        for path, output in zip(paths, arguments.output, strict=True):
            with atomic_output(output) as partial:
                shutil.copyfile(path, partial)
    write_json(arguments.statistics, {"sources": [source.record() for source in sources], "pieces": sizes})


if __name__ == "__main__":
    run(main)
