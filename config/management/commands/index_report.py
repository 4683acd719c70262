"""``manage.py index_report``: which indexes are used, which are not, and which are missing."""

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import orjson
from django.core.management.base import BaseCommand

from config.database.indexes import LARGE_ROWS, MANY_SCANS, Index, IndexReport, index_report

NONE = "  none"


class Command(BaseCommand):
    help = (
        "Size and use of every index, duplicates, foreign keys without an index, and large tables read from end to"
        " end, by the statistics of the database server."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print it as JSON")
        parser.add_argument("--large-rows", type=int, default=LARGE_ROWS, help="from how many rows a table is large")
        parser.add_argument("--many-scans", type=int, default=MANY_SCANS, help="from how many sequential scans to tell")

    def handle(self, *args: object, **options: Any) -> None:
        report = index_report(large_rows=options["large_rows"], many_scans=options["many_scans"])
        self.stdout.write(_as_json(report) if options["json"] else "\n".join(_lines(report)))


def _as_json(report: IndexReport) -> str:
    indexes = [{**asdict(index), "is_unused": index.is_unused} for index in report.indexes]
    return orjson.dumps({**asdict(report), "indexes": indexes}, option=orjson.OPT_INDENT_2).decode()


def _lines(report: IndexReport) -> list[str]:
    since = f" since {report.since:%Y-%m-%d %H:%M}" if report.since else ""
    return [
        f"Indexes, the largest first; scans counted{since}",
        *_table(
            ("table", "index", "size", "scans", ""),
            [(i.table, i.name, _size(i.size_bytes), f"{i.scans}", _remark(i)) for i in report.indexes],
        ),
        "",
        "Foreign keys without an index",
        *_table(
            ("table", "foreign key", "columns", "refers to"),
            [(key.table, key.name, ", ".join(key.columns), key.refers_to) for key in report.bare_foreign_keys],
        ),
        "",
        "Large tables often read from end to end",
        *_table(
            ("table", "rows", "size", "sequential scans", "index scans", "rows read"),
            [
                (t.table, f"{t.rows}", _size(t.size_bytes), *map(str, (t.sequential_scans, t.index_scans, t.rows_read)))
                for t in report.scanned_tables
            ],
        ),
        "",
        f"{len(report.indexes)} indexes of {_size(sum(index.size_bytes for index in report.indexes))};"
        f" {len(report.unused)} unused of {_size(sum(index.size_bytes for index in report.unused))},"
        f" {len(report.duplicates)} duplicates, {len(report.invalid)} invalid;"
        f" {len(report.bare_foreign_keys)} foreign keys without an index",
    ]  # fmt: skip


def _remark(index: Index) -> str:
    remarks = [index.keeps] if index.keeps else []
    if not index.is_valid:
        remarks.append("invalid")
    if index.is_unused:
        remarks.append("unused")
    if index.duplicate_of:
        remarks.append(f"covered by {index.duplicate_of}")
    return ", ".join(remarks)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns as wide as their widest value, figures to the right."""
    if not rows:
        return [NONE]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    right = [all(row[place][:1].isdigit() for row in rows) for place in range(len(head))]
    return [
        "  " + "  ".join(_aligned(*cell) for cell in zip(row, widths, right, strict=True)).rstrip()
        for row in (head, *rows)
    ]


def _aligned(text: str, width: int, to_the_right: bool) -> str:
    return text.rjust(width) if to_the_right else text.ljust(width)


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1_000_000:.1f} MB" if size_bytes >= 1_000_000 else f"{size_bytes / 1000:.0f} kB"
