"""Labels and customs forms as very small PDF files, so that links in the API lead somewhere."""

from daigou.sandbox.store import Json

_TITLES = {
    "label": "Postage label",
    "commercial_invoice": "Commercial invoice",
    "cn22": "CN22",
    "cn23": "CN23",
}


def pdf_of(shipment: Json, name: str) -> bytes:
    """One page of plain lines. Only Latin-1 can be shown; other letters become question marks."""
    to, sender = shipment["to_address"], shipment["from_address"]
    if shipment["is_return"]:
        to, sender = sender, to
    lines = [
        "SANDBOX - NOT VALID FOR POSTAGE",
        _TITLES.get(name, name),
        "",
        f"No. {shipment['tracking_code']}",
    ]
    for word, address in (("From", sender), ("To", to)):
        lines += ["", f"{word}: {address['name'] or address['company'] or ''}", address["street1"] or ""]
        lines += [f"{address['zip'] or ''} {address['city'] or ''} {address['country']}"]
    for item in (shipment["customs_info"] or {}).get("customs_items", []) if name != "label" else []:
        amount = f"{item['value']} {item['currency'] or ''}"
        lines.append(f"{item['quantity']:g} x {item['description']}  {amount}  HS {item['hs_tariff_number'] or '-'}")
    return _pdf(lines)


def _pdf(lines: list[str]) -> bytes:
    text = "BT /F1 10 Tf 14 TL 20 400 Td " + " ".join(f"({_plain(line)}) Tj T*" for line in lines) + " ET"
    stream = text.encode("latin-1", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 288 432] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def _plain(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
