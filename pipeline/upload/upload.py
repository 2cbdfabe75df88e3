"""Uploads a set of files to a bucket of Google Cloud Storage.

In: a folder, all of which is uploaded; the training config as JSON, which becomes config.json beside it; the destination,
gs://BUCKET/PREFIX. The objects are

    gs://BUCKET/PREFIX-HASH/NAME           NAME: the file's path below the folder
    gs://BUCKET/PREFIX-HASH/upload.json    the record, uploaded last: where it is, the set is complete

HASH, 12 hexadecimal digits, is that of all names and contents: the same files always get the same names, and no others are in their way.
Out: the record, {destination, record, objects: [{name, url, bytes, crc32c, sha256}]}; crc32c as Cloud Storage shows it, base64.

GOOGLE_APPLICATION_CREDENTIALS names the file with the credentials, which must be allowed to read and to create objects in the bucket.

An object that is there with the same content is not sent again, one with other content is never overwritten (the record is). A run that was
stopped is repeated with the same arguments, and goes on with the chunk of the file that it had come to.
"""

import argparse
import json
import logging
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tqdm import tqdm

from pipeline.common.outputs import write_json
from pipeline.common.script import StepError, base_parser, run
from pipeline.upload.bucket import Bucket, ConflictError
from pipeline.upload.files import LocalFile, content_hash, described, files_below
from pipeline.upload.transfer import Report, send

CONFIG = "config.json"
RECORD = "upload.json"
# https://cloud.google.com/storage/docs/buckets#naming and https://cloud.google.com/storage/docs/objects#naming
DESTINATION = re.compile(r"gs://([a-z0-9][a-z0-9._-]{1,220}[a-z0-9])/([^\x00-\x1f\x7f]+)")
LONGEST_NAME = 1024  # bytes


class Destination(NamedTuple):
    bucket: str
    prefix: str


def destination(text: str) -> Destination:
    found = DESTINATION.fullmatch(text)
    if not found or {"", ".", ".."} & set(found[2].split("/")):
        raise argparse.ArgumentTypeError(f"{text!r} is no gs://BUCKET/PREFIX with a name at its end")
    return Destination(found[1], found[2])


def parser() -> argparse.ArgumentParser:
    parser = base_parser(__doc__)
    parser.add_argument("--folder", type=Path, required=True, metavar="DIR", help="everything below it is uploaded")
    parser.add_argument("--config", metavar="JSON", help=f"the training config, uploaded as {CONFIG}")
    parser.add_argument("--destination", type=destination, required=True, metavar="gs://BUCKET/PREFIX")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE", help="the record of what was uploaded")
    parser.add_argument("--work-dir", type=Path, required=True, metavar="DIR", help="keeps what is needed to go on after a restart")
    return parser


def main(argv: Sequence[str] | None = None) -> None:
    args = parser().parse_args(argv)
    files = files_below(args.folder)
    sessions = args.work_dir / "sessions"
    sessions.mkdir(parents=True, exist_ok=True)
    # The address of a session lets anybody write the object that it is for.
    sessions.chmod(0o700)
    if args.config is not None:
        files.append(config_file(args.config, args.work_dir / CONFIG))
    prefix = f"{args.destination.prefix}-{content_hash(files)}"
    check_names(files, prefix)

    bucket = Bucket(args.destination.bucket)
    record = record_of(files, bucket, prefix)
    size = sum(file.bytes for file in files)
    with byte_bar(size) as bar:
        for file in files:
            upload(bucket, f"{prefix}/{file.name}", file, sessions, shown_on(bar))
    # It becomes the artifact from here only when all is done.
    written = args.work_dir / RECORD
    write_json(written, record)
    upload(bucket, f"{prefix}/{RECORD}", described(written, RECORD), sessions, replace=True)
    write_json(args.output, record)
    write_json(args.statistics, {"objects": len(files), "bytes": size})
    logging.info("uploaded: %s", record["destination"])


def config_file(text: str, path: Path) -> LocalFile:
    """Writes the config, formatted, to `path`."""
    try:
        write_json(path, json.loads(text))
    except ValueError as error:
        raise StepError(f"--config: not JSON ({error})") from error
    return described(path, CONFIG)


def check_names(files: Sequence[LocalFile], prefix: str) -> None:
    """Raises StepError where a file cannot have its name as an object, or shares it."""
    names = [file.name for file in files]
    taken = {RECORD, *(name for name in names if names.count(name) > 1)} & set(names)
    if taken:
        raise StepError(f"{', '.join(sorted(taken))}: a name that the upload keeps for itself")
    for name in names:
        if re.search(r"[\x00-\x1f\x7f]", name) or len(f"{prefix}/{name}".encode()) > LONGEST_NAME:
            raise StepError(
                f"{name!r}: no name for an object: it has control characters, or more than {LONGEST_NAME} bytes with its prefix"
            )


def record_of(files: Sequence[LocalFile], bucket: Bucket, prefix: str) -> dict[str, Any]:
    objects = [
        {
            "name": file.name,
            "url": bucket.url(f"{prefix}/{file.name}"),
            "bytes": file.bytes,
            "crc32c": file.crc32c,
            "sha256": file.sha256,
        }
        for file in sorted(files, key=lambda file: file.name)
    ]
    return {"destination": bucket.url(prefix), "record": bucket.url(f"{prefix}/{RECORD}"), "objects": objects}


def upload(
    bucket: Bucket, name: str, file: LocalFile, work_dir: Path, report: Report = lambda sent: None, *, replace: bool = False
) -> None:
    """Makes the file an object, unless it is one already; raises StepError where one with other content is in its place."""
    url = bucket.url(name)
    found = bucket.find(name)
    if not found or (replace and not found.has_content_of(file)):
        try:
            send(bucket, name, file, found.generation if found else 0, work_dir, report)
        except ConflictError:
            # Another run for the same files may have been quicker.
            found = bucket.find(name)
        else:
            logging.info("%s: sent and verified, %s bytes", url, f"{file.bytes:,}")
            return
    if not (found and found.has_content_of(file)):
        there = f"{found.bytes} bytes with CRC32C {found.crc32c}" if found else "nothing any more"
        raise StepError(f"{url}: there is something else, {there}, and this is {file.bytes} bytes with CRC32C {file.crc32c}")
    report(file.bytes)
    logging.info("%s: is there already", url)


def byte_bar(size: int) -> Any:
    interval = 0.5 if sys.stderr.isatty() else 60
    return tqdm(total=size, desc="uploading", unit="B", unit_scale=True, mininterval=interval, maxinterval=interval, smoothing=0.05)


def shown_on(bar: Any) -> Report:
    """Shows how much of the file has arrived on top of what the bar shows now."""
    before = bar.n
    return lambda arrived: bar.update(before + arrived - bar.n)


if __name__ == "__main__":
    run(main)
