"""Loading the data files into the database, without undoing what an editor did."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.db import IntegrityError, connection, models, transaction
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from config.cache import versions
from masterdata.caching import MASTERDATA
from masterdata.datafiles import DATA, FILES, DataFile, DataFileError, Fault, Key, Row, Rows, fingerprints, read_all
from masterdata.models import LoadedFile, LoadedRow, MasterDataVersion

REASON = "load_masterdata"
# Any number that is ours: two loaders at once (two hosts starting) take turns.
_LOCK = 5_170_001


@dataclass(slots=True)
class Report:
    """What a load did: per file, rows created, updated, unchanged, kept as an editor left them, or withdrawn.

    ``withdrawn`` rows are gone from the files and still in the database: a load never deletes.
    """

    files: dict[str, Counter[str]] = field(default_factory=dict)
    version: int = 0

    @property
    def is_unchanged(self) -> bool:
        return not any(counts["created"] or counts["updated"] for counts in self.files.values())

    def total(self, outcome: str) -> int:
        return sum(counts[outcome] for counts in self.files.values())


def masterdata_load(*, folder: Path = DATA, files: tuple[DataFile, ...] = FILES, overwrite: bool = False) -> Report:
    """Bring the database up to the files, in one transaction.

    A row that an editor changed or deleted stays as it is, unless ``overwrite``. Files that are as they were when last
    loaded are not even read. Raises DataFileError before anything is written.
    """
    digests = fingerprints(folder, files)
    if not overwrite and _are_loaded(digests):
        return Report(version=_version())
    rows = read_all(folder, files)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        report = Report()
        pks = _LoadedKeys()
        for file in files:
            report.files[file.name] = _Load(file, rows[file.name], pks, overwrite).run()
        LoadedFile.objects.bulk_create(
            [LoadedFile(name=name, fingerprint=digest) for name, digest in digests.items()],
            update_conflicts=True,
            unique_fields=["name"],
            update_fields=["fingerprint", "loaded_at"],
        )
        versions.replace(MASTERDATA)
        report.version = _version()
    return report


def _are_loaded(digests: dict[str, str]) -> bool:
    return digests.items() <= dict(LoadedFile.objects.values_list("name", "fingerprint")).items()


def _version() -> int:
    return MasterDataVersion.objects.values_list("number", flat=True).first() or 0


def _joined(key: Key) -> str:
    return "|".join(key)


class _LoadedKeys:
    """Primary keys of loaded rows by file and key, so that a reference holds though an editor renames its target."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, LoadedRow]] = {}
        for row in LoadedRow.objects.all():
            self.rows.setdefault(row.file, {})[row.key] = row

        self.absent: set[tuple[str, str]] = set()

    def pk(self, file: str, key: Key) -> int | None:
        """The primary key, or None for a row that an editor deleted."""
        row = self.rows.get(file, {}).get(_joined(key))
        return None if row is None or (file, row.key) in self.absent else row.object_id


class _Load:
    """One file against its table."""

    def __init__(self, file: DataFile, rows: Rows, pks: _LoadedKeys, overwrite: bool) -> None:
        self.file = file
        self.rows = rows
        self.pks = pks
        self.overwrite = overwrite
        self.tracked = pks.rows.setdefault(file.name, {})
        self.fields = [*next(iter(rows.values())).values, *file.references] if rows else []
        self.attnames = [file.column(name).attname for name in self.fields]
        self.counts: Counter[str] = Counter()

    def run(self) -> Counter[str]:
        stored = {obj.pk: obj for obj in self.file.model._default_manager.all()}
        by_key = {self._key_of(obj): obj for obj in stored.values()}
        create: list[tuple[Row, models.Model]] = []
        update: list[tuple[Row, models.Model]] = []
        agreeing: list[tuple[Row, models.Model]] = []
        for row in self.rows.values():
            values = self._resolved(row)
            known = self.tracked.get(_joined(row.key))
            obj = stored.get(known.object_id) if known else by_key.get(self._key(values))
            if obj is None:
                # Gone: an editor deleted it, or a row it refers to.
                if self._lacks_a_reference(row, values) or (known and not self.overwrite):
                    self.pks.absent.add((self.file.name, _joined(row.key)))
                    self.counts["kept"] += 1
                else:
                    create.append((row, self.file.model(**values)))
            elif self._digest(vars(obj)) == self._digest(values):
                agreeing.append((row, obj))
            elif self.overwrite or (known and known.digest == self._digest(vars(obj))):
                for name, value in values.items():
                    setattr(obj, name, value)
                update.append((row, obj))
            else:
                self.counts["kept"] += 1
        self._write(create, update)
        self._remember([*create, *update, *agreeing])
        self.counts.update(created=len(create), updated=len(update), unchanged=len(agreeing))
        self.counts["withdrawn"] = len(self.tracked.keys() - {_joined(key) for key in self.rows})
        return self.counts

    def _write(self, create: list[tuple[Row, models.Model]], update: list[tuple[Row, models.Model]]) -> None:
        model, new, changed = self.file.model, [obj for _, obj in create], [obj for _, obj in update]
        try:
            if new:
                bulk_create_with_history(new, model, 1000, default_change_reason=REASON)
            if changed:
                bulk_update_with_history(changed, model, self.fields, 1000, default_change_reason=REASON)
        except IntegrityError as error:
            # The rows agree with each other, so it is a row of an editor's that one of them collides with.
            message = f"collides with a row in the database: {str(error).splitlines()[-1]}"
            raise DataFileError([Fault(self.file.name, 0, "", message)]) from error

    def _remember(self, pairs: Iterable[tuple[Row, models.Model]]) -> None:
        fresh = []
        for row, obj in pairs:
            digest = self._digest(vars(obj))
            known = self.tracked.get(_joined(row.key))
            if known is None or (known.object_id, known.digest) != (obj.pk, digest):
                loaded = LoadedRow(file=self.file.name, key=_joined(row.key), object_id=obj.pk, digest=digest)
                self.tracked[loaded.key] = loaded
                fresh.append(loaded)
        LoadedRow.objects.bulk_create(
            fresh, update_conflicts=True, unique_fields=["file", "key"], update_fields=["object_id", "digest"]
        )

    def _resolved(self, row: Row) -> dict[str, Any]:
        """The row's values by attribute name, its references as primary keys."""
        values = dict(row.values)
        for name, key in row.references.items():
            target = self.file.references[name][0]
            attname = self.file.column(name).attname
            values[attname] = None if key is None else self.pks.pk(target, key)
        return values

    def _lacks_a_reference(self, row: Row, values: dict[str, Any]) -> bool:
        columns = {self.file.column(name).attname: key for name, key in row.references.items()}
        return any(values[attname] is None for attname, key in columns.items() if key is not None)

    def _key(self, values: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(values[name] for name in self._key_attnames())

    def _key_of(self, obj: models.Model) -> tuple[Any, ...]:
        return self._key(vars(obj))

    def _key_attnames(self) -> list[str]:
        names = [name for name in self.file.key if name not in self._reference_columns()]
        return [*names, *(self.file.column(name).attname for name in self.file.references)]

    def _reference_columns(self) -> set[str]:
        return {column for _, columns in self.file.references.values() for column in columns}

    def _digest(self, values: dict[str, Any]) -> str:
        shown = {name: values[name] for name in self.attnames}
        text = json.dumps(shown, sort_keys=True, default=date.isoformat)
        return hashlib.sha256(text.encode()).hexdigest()
