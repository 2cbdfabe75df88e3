from collections.abc import Iterator

import pytest

from tests.pipeline.upload.storage_server import StorageServer, serve


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch) -> Iterator[StorageServer]:
    """A bucket on loopback that asks for no credentials."""
    storage = StorageServer()
    server = serve(storage)
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", storage.address)
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    yield storage
    server.shutdown()
    server.server_close()
