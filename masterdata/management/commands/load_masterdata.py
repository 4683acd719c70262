"""`manage.py load_masterdata`: the data files of the project into the database."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from masterdata.datafiles import DATA, DataFileError, read_all
from masterdata.loading import Report, masterdata_load

OUTCOMES = ("created", "updated", "unchanged", "kept", "withdrawn")


class Command(BaseCommand):
    help = "Load pathways, feedstocks, prices, factors and tables from masterdata/data; a second run changes nothing."
    # It runs at every start, and the checks of the whole project cost more than the load.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--overwrite", action="store_true", help="also rows that an editor changed or deleted")
        parser.add_argument("--check", action="store_true", help="only check the files; needs no database")
        parser.add_argument("--folder", type=Path, default=DATA, help="where the files are")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["check"]:
                rows = read_all(options["folder"])
                total = sum(map(len, rows.values()))
                self.stdout.write(f"{len(rows)} files, {total} rows: nothing wrong")
            else:
                self._tell(masterdata_load(folder=options["folder"], overwrite=options["overwrite"]))
        except DataFileError as error:
            raise CommandError(f"The data files cannot be loaded:\n{error}") from error

    def _tell(self, report: Report) -> None:
        if not report.files:
            self.stdout.write(f"master data: nothing changed, version {report.version}")
            return
        for name, counts in report.files.items():
            told = ", ".join(f"{counts[outcome]} {outcome}" for outcome in OUTCOMES if counts[outcome])
            self.stdout.write(f"{name}: {told or 'no rows'}")
        told = ", ".join(f"{report.total(outcome)} {outcome}" for outcome in OUTCOMES)
        self.stdout.write(f"master data: {told}, version {report.version}")
