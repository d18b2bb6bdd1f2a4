"""A market of any size, in seconds: rows as the services leave them, written by the database itself.

They satisfy every constraint and trigger; what they lack are the audit entries behind their stream numbers.
"""

from __future__ import annotations

import re
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from daigou.accounts.models import Merchant
from daigou.catalog.models import Listing

PER_MERCHANT = 100
STOCK = 100_000  # orders are timed, not refused

_MERCHANTS = """
    INSERT INTO merchants (id, created_at, ref, subject, name, kind, country, currency, city, about, verified_at,
                           state, state_since, stream_no, stream_head@columns)
    SELECT uuidv7(), now(), 'MER-B' || lpad(n::text, 9, '0'), 'sub_b' || lpad(n::text, 23, '0'),
           (ARRAY['Hoshino Hobby', 'Kamera no Mori', 'Sumi Stationery', 'Tani Kiln'])[n % 4 + 1] || ' ' || n,
           'company', (ARRAY['JP', 'KR', 'CN'])[n % 3 + 1], (ARRAY['JPY', 'KRW', 'CNY'])[n % 3 + 1],
           (ARRAY['Osaka', 'Seoul', 'Suzhou'])[n % 3 + 1], '', now(), 'active', now(), 2, sha256(n::text::bytea)@values
    FROM generate_series(1, @merchants) AS n"""

_LISTINGS = """
    INSERT INTO listings (id, created_at, ref, merchant_id, version, category, title, brand, model, origin, hs_code,
                          condition, description, details, translations, price_minor, domestic_freight_minor, currency,
                          stock, weight_g, length_mm, width_mm, height_mm, photos, published_no, search,
                          state, state_since, stream_no, stream_head@columns)
    SELECT uuidv7(), now() - (@count - n) * interval '1 second', 'LST-B' || lpad(n::text, 9, '0'), m.id, 1,
           (ARRAY['figures', 'stationery'])[n % 2 + 1], initcap(array_to_string(w.words, ' ')), 'Hoshino', 'B-' || n,
           m.country, '950300', (ARRAY['new', 'like_new', 'good', 'fair'])[n % 4 + 1],
           repeat('Opened once to look at it, kept in a cabinet, complete with box. ', 4),
           '{"usage": "displayed", "function": "", "accessories": "stand", "flaws": ""}', '{}',
           CASE m.currency WHEN 'CNY' THEN 9000 WHEN 'KRW' THEN 24000 ELSE 2400 END + n * 7919 % 50000,
           CASE m.currency WHEN 'CNY' THEN 1200 WHEN 'KRW' THEN 3000 ELSE 800 END, m.currency,
           @stock, 200 + n % 900, 300, 200, 150,
           ARRAY(SELECT 'FIL-B' || lpad((n * 5 + k)::text, 9, '0') FROM generate_series(1, 5) AS k), n,
           w.words || ARRAY['hoshino', 'b', n::text, 'lst', 'b' || lpad(n::text, 9, '0')],
           'active', now(), 2, sha256(n::text::bytea)@values
    FROM generate_series(1, @count) AS n
    JOIN merchants m ON m.ref = 'MER-B' || lpad((n % @merchants + 1)::text, 9, '0')
    CROSS JOIN LATERAL (SELECT ARRAY[
        (ARRAY['moon', 'river', 'silver', 'paper', 'amber', 'winter', 'little', 'night'])[n % 8 + 1],
        (ARRAY['courier', 'fox', 'archer', 'librarian', 'pilot', 'gardener', 'sailor'])[n % 7 + 1],
        (ARRAY['rin', 'mio', 'haru', 'yuki', 'sora'])[n % 5 + 1],
        'scale', 'figure', (2000 + n % 26)::text] AS words) AS w
    ORDER BY n"""


def fill(owner_url: str, count: int) -> None:
    """``count`` active listings of ``count / 100`` merchants, analysed. ``owner_url`` names the owner's role."""
    wanted = {"@count": count, "@merchants": max(count // PER_MERCHANT, 1), "@stock": STOCK}
    with psycopg.connect(owner_url, autocommit=True) as connection:
        for model, statement in ((Merchant, _MERCHANTS), (Listing, _LISTINGS)):
            more = _unnamed(model.__table__, statement)
            statement = statement.replace("@columns", "".join(f", {name}" for name in more))
            statement = statement.replace("@values", "".join(f", {value}" for value in more.values()))
            for name, number in wanted.items():
                statement = statement.replace(name, str(number))
            connection.execute(statement)
        connection.execute("VACUUM ANALYZE")


def _unnamed(table: Any, statement: str) -> dict[str, str]:
    """Columns that came later than the statement and must not be empty, with what the model gives them."""
    named = set(re.findall(r"\w+", statement.partition("(")[2].partition("@columns")[0]))
    lacking = [column for column in table.columns if not column.nullable and column.name not in named]
    return {column.name: sql.Literal(_default(column.default)).as_string() for column in lacking}


def _default(given: Any) -> Any:
    value = given.arg(None) if given.is_callable else given.arg
    return Jsonb(value) if isinstance(value, dict | list) else value
