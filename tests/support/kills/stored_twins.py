"""A workspace in the kill campaign whose store is in object storage."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tests.support.kills.twins import Tables, Workspace, described_export
from tests.support.object_storage import BUCKET, Answer, Storage

CONFIG = '[store]\npath = "s3://{}/{}/headway.duckdb"\n'


@dataclass(frozen=True)
class StoredWorkspace(Workspace):
    """A workspace with a store in object storage. Its folder contains only local copies."""

    server: Storage | None = None
    _saved: dict[str, Answer] = field(default_factory=dict)

    @property
    def storage(self) -> Storage:
        assert self.server is not None
        return self.server

    @property
    def key(self) -> str:
        return f"{self.folder.name}/headway.duckdb"

    def use_storage(self) -> None:
        """Add the address of the store to the settings."""
        with (self.folder / "headway.toml").open("a") as file:
            file.write(CONFIG.format(BUCKET, self.folder.name))

    def tables(self) -> Tables:
        """Describe the tables of the store in object storage."""
        self.scratch.mkdir(exist_ok=True)
        self.store.write_bytes(self.storage.get(self.key) or b"")
        try:
            return super().tables()
        finally:
            self.store.unlink()

    def exported_tables(self) -> Tables:
        """Describe the tables of the export beside the store."""
        return described_export(self.storage.get(f"{self.key}.export/manifest.json") or b"")

    def identity(self) -> object:
        """Return the ETag and the time of the stored object, or None if it does not exist."""
        found = self.storage.request("HEAD", f"/{BUCKET}/{self.key}")
        headers = {name.lower(): value for name, value in found.headers}
        return (headers["etag"], headers["last-modified"]) if found.status == 200 else None

    def files(self) -> Counter[str]:
        """Return the names of all files and objects.

        Parquet files in object storage are left out, because they stay there for a day after the
        last manifest that lists them.
        """
        keys = [key.partition("/")[2] for key in self._keys() if not key.endswith(".parquet")]
        return super().files() + Counter(f"object {key}" for key in keys)

    def save_store(self) -> None:
        """Keep all objects for `restore_store`."""
        self._saved.clear()
        self._saved.update(self.storage.snapshot(self._keys()))

    def restore_store(self) -> None:
        """Restore the saved objects, as from a backup."""
        for key in self._keys():
            if key not in self._saved and not key.endswith(".parquet"):
                self.storage.request("DELETE", f"/{BUCKET}/{key}")
        self.storage.restore(self._saved)

    def _keys(self) -> list[str]:
        own = f"{self.folder.name}/"
        return [key for key in self.storage.keys() if key.startswith(own)]  # noqa: SIM118 - no mapping
