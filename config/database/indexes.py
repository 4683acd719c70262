"""How indexes are used, and which are missing, by the server's own statistics.

The statistics count from ``since``; what has not been used says little on a server that has just begun to count. All of
it is about the schema of this product's tables.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

# A table is large from here on, where reading all of it at each call begins to tell.
LARGE_ROWS = 10_000
MANY_SCANS = 100


@dataclass(frozen=True, kw_only=True)
class Index:
    """``keeps`` is what the index is there for besides reading: ``primary key``, ``unique``, ``exclusion`` or nothing.

    ``duplicate_of``: another index that begins with the same columns, and so answers what this one does.
    """

    table: str
    name: str
    definition: str
    size_bytes: int
    scans: int
    keeps: str
    is_valid: bool
    duplicate_of: str | None

    @property
    def is_unused(self) -> bool:
        return self.scans == 0 and not self.keeps


@dataclass(frozen=True, kw_only=True)
class BareForeignKey:
    """A foreign key without an index that begins with its columns: to delete what it refers to is to read ``table``."""

    table: str
    name: str
    columns: tuple[str, ...]
    refers_to: str


@dataclass(frozen=True, kw_only=True)
class ScannedTable:
    """A large table that is often read from end to end; ``rows_read`` in all those scans."""

    table: str
    rows: int
    size_bytes: int
    sequential_scans: int
    index_scans: int
    rows_read: int


@dataclass(frozen=True, kw_only=True)
class IndexReport:
    since: datetime | None
    indexes: list[Index]
    bare_foreign_keys: list[BareForeignKey]
    scanned_tables: list[ScannedTable]

    @property
    def unused(self) -> list[Index]:
        return [index for index in self.indexes if index.is_unused]

    @property
    def duplicates(self) -> list[Index]:
        return [index for index in self.indexes if index.duplicate_of]

    @property
    def invalid(self) -> list[Index]:
        return [index for index in self.indexes if not index.is_valid]


def index_report(*, large_rows: int = LARGE_ROWS, many_scans: int = MANY_SCANS) -> IndexReport:
    """The indexes of all tables of the present schema, the largest first, and what is missing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT stats_reset FROM pg_stat_database WHERE datname = current_database()")
        (since,) = cursor.fetchone()
        cursor.execute(_INDEXES)
        indexes = [
            Index(
                table=table, name=name, definition=definition, size_bytes=size, scans=scans, keeps=keeps,
                is_valid=is_valid, duplicate_of=duplicate_of,
            )
            for table, name, definition, size, scans, keeps, is_valid, duplicate_of in cursor.fetchall()
        ]  # fmt: skip
        cursor.execute(_BARE_FOREIGN_KEYS)
        bare = [
            BareForeignKey(table=table, name=name, columns=tuple(columns), refers_to=refers_to)
            for table, name, columns, refers_to in cursor.fetchall()
        ]
        cursor.execute(_SCANNED_TABLES, [large_rows, many_scans])
        scanned = [
            ScannedTable(
                table=table, rows=rows, size_bytes=size, sequential_scans=scans, index_scans=by_index, rows_read=read
            )
            for table, rows, size, scans, by_index, read in cursor.fetchall()
        ]
    return IndexReport(since=since, indexes=indexes, bare_foreign_keys=bare, scanned_tables=scanned)


# Of two indexes one can go when its columns, with their operators, collations and directions, begin the other one's,
# and both are of the same rows. What keeps a constraint stays, and what carries columns beside its keys; of two alike,
# the one made first.
_INDEXES = """
WITH described AS (
    SELECT
        i.indexrelid, i.indrelid, i.indisvalid,
        CASE
            WHEN i.indisprimary THEN 'primary key' WHEN i.indisexclusion THEN 'exclusion'
            WHEN i.indisunique THEN 'unique' ELSE ''
        END AS keeps,
        c.relname, c.relam, i.indnkeyatts AS width, i.indnatts > i.indnkeyatts AS has_more,
        coalesce(pg_get_expr(i.indpred, i.indrelid), '') AS predicate,
        (
            SELECT array_agg(
                pg_get_indexdef(i.indexrelid, k, true) || ' ' || i.indclass[k - 1] || ' ' || i.indcollation[k - 1]
                || ' ' || i.indoption[k - 1] ORDER BY k
            )
            FROM generate_series(1, i.indnkeyatts) AS k
        ) AS keys
    FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid
    WHERE c.relnamespace = current_schema()::regnamespace
)
SELECT
    d.indrelid::regclass::text, d.relname, pg_get_indexdef(d.indexrelid), pg_relation_size(d.indexrelid),
    coalesce(s.idx_scan, 0), d.keeps, d.indisvalid,
    (
        SELECT o.relname FROM described o
        WHERE o.indrelid = d.indrelid AND o.indexrelid <> d.indexrelid AND o.relam = d.relam AND o.indisvalid
        AND d.keeps = '' AND NOT d.has_more AND o.predicate = d.predicate AND o.keys[1 : d.width] = d.keys
        AND (o.width > d.width OR o.keeps <> '' OR o.indexrelid < d.indexrelid)
        ORDER BY o.width, o.relname LIMIT 1
    )
FROM described d
LEFT JOIN pg_stat_user_indexes s ON s.indexrelid = d.indexrelid
ORDER BY 4 DESC, 1, 2
"""

# In any order: WHERE a = 1 AND b = 2 finds both (b, a) and (a, b). A partial index is good for a foreign key only where
# it leaves out nothing but nulls, which refer to nothing.
_BARE_FOREIGN_KEYS = """
SELECT
    c.conrelid::regclass::text, c.conname,
    ARRAY(
        SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY AS k(number, place)
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number ORDER BY k.place
    ) AS columns,
    c.confrelid::regclass::text
FROM pg_constraint c
WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace AND NOT EXISTS (
    SELECT FROM pg_index i
    WHERE i.indrelid = c.conrelid AND i.indisvalid
    AND (i.indkey::int2[])[0 : cardinality(c.conkey) - 1] @> c.conkey
    AND (
        i.indpred IS NULL
        OR pg_get_expr(i.indpred, i.indrelid) = format('(%s IS NOT NULL)', (
            SELECT quote_ident(a.attname) FROM pg_attribute a WHERE a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
        ))
    )
)
ORDER BY 1, 2
"""

_SCANNED_TABLES = """
SELECT relid::regclass::text, n_live_tup, pg_table_size(relid), seq_scan, coalesce(idx_scan, 0), seq_tup_read
FROM pg_stat_user_tables
WHERE schemaname = current_schema() AND n_live_tup >= %s AND seq_scan >= %s
ORDER BY seq_tup_read DESC
"""
