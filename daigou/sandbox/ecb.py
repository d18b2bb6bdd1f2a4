"""The exchange-rate files in the form of the European Central Bank, dated today by the sandbox's clock."""

import io
import zipfile
from datetime import UTC, date, datetime, timedelta

from daigou.sandbox.rates import PUBLISHED, per_euro
from daigou.sandbox.wire import Response

HISTORY_DAYS = 400
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"'
    ' xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">\n'
    "\t<gesmes:subject>Reference rates</gesmes:subject>\n"
    "\t<gesmes:Sender>\n\t\t<gesmes:name>European Central Bank</gesmes:name>\n\t</gesmes:Sender>\n"
    "\t<!-- Sandbox: invented figures, not the ECB's -->\n\t<Cube>\n"
)


def answer(path: str, now: float) -> Response | None:
    """The file at this path, or None when the ECB has none there."""
    today = datetime.fromtimestamp(now, UTC).date()
    name = path.removeprefix("/stats/eurofxref/")
    if name == "eurofxref-daily.xml":
        return Response(200, daily_xml(today).encode(), {"Content-Type": "text/xml"})
    if name == "eurofxref-hist-90d.xml":
        return Response(200, _xml(_days(today, 90)).encode(), {"Content-Type": "text/xml"})
    if name == "eurofxref-hist.csv":
        return Response(200, history_csv(today).encode(), {"Content-Type": "text/csv"})
    if name == "eurofxref-hist.zip":
        return Response(200, _zipped(history_csv(today)), {"Content-Type": "application/zip"})
    return None


def daily_xml(today: date) -> str:
    return _xml([today])


def history_csv(today: date) -> str:
    """Newest first, a trailing comma on each line: the ECB's own habits."""
    lines = [",".join(["Date", *PUBLISHED]) + ","]
    for day in _days(today, HISTORY_DAYS):
        lines.append(",".join([day.isoformat(), *(str(per_euro(c, day)) for c in PUBLISHED)]) + ",")
    return "\n".join(lines) + "\n"


def _days(today: date, count: int) -> list[date]:
    """Working days and today: the real bank rests at weekends, a demo does not."""
    days = (today - timedelta(days=back) for back in range(count))
    return [day for day in days if day == today or day.weekday() < 5]


def _xml(days: list[date]) -> str:
    parts = [_HEAD]
    for day in days:
        parts.append(f"\t\t<Cube time='{day.isoformat()}'>\n")
        parts += [f"\t\t\t<Cube currency='{c}' rate='{per_euro(c, day)}'/>\n" for c in PUBLISHED]
        parts.append("\t\t</Cube>\n")
    return "".join([*parts, "\t</Cube>\n</gesmes:Envelope>\n"])


def _zipped(text: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("eurofxref-hist.csv", text)
    return buffer.getvalue()
