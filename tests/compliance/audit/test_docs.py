"""The worked example of docs/verify.md is made here, so it can't be wrong."""

import base64
from datetime import UTC, datetime
from pathlib import Path

from compliance.audit import checkpoint, entry, merkle, note
from tests.compliance.audit import naive

DOCS = Path(__file__).parents[3] / "docs" / "verify.md"
BEGIN, END = "<!-- example: begin -->\n", "<!-- example: end -->"


def example():
    """Three entries of one stream, their tree, and its signed checkpoint, as text."""
    signer = note.parse_signer(_secret())
    out, prev, leaves = [], entry.GENESIS, []
    for number, (kind, to) in enumerate([("created", "pending"), ("pay", "paid"), ("ship", "shipped")], 1):
        raw = entry.encode(
            {
                "nonce": bytes([number]) * 16,
                "at": datetime(2026, 1, 1, 0, number, tzinfo=UTC),
                "kind": f"order:{kind}",
                "stream": "order/7",
                "no": number,
                "prev": prev,
                "actor": "sub_1",
                "facts": {"to": to},
            }
        )
        prev = merkle.leaf_hash(raw)
        leaves.append(prev)
        out += [f"entry {number - 1}", raw.decode(), f"leaf {number - 1}  {prev.hex()}", ""]
    root = naive.mth(leaves)
    out += [f"node (1, 0) = H(01 leaf0 leaf1)  {naive.mth(leaves[:2]).hex()}"]
    out += [f"root = H(01 node(1,0) leaf2)     {root.hex()}", ""]
    out += ["inclusion of leaf 1 in the tree of 3:"]
    out += [f"  {h.hex()}" for h in naive.path(1, leaves)]
    out += ["consistency of the tree of 2 with that of 3:"]
    out += [f"  {h.hex()}" for h in naive.subproof(2, leaves, True)]
    sides = [base64.b64encode(leaves[i]).decode() for i in (0, 2)]
    out += ["", 'range.json of [1, 2):  {"left":["' + sides[0] + '"],"right":["' + sides[1] + '"]}', ""]
    out += ["verifier key", str(signer.vkey), "", "checkpoint"]
    out += [checkpoint.make(checkpoint.Checkpoint("example.com/log", 3, root), [signer]).rstrip("\n")]
    return "```\n" + "\n".join(out) + "\n```\n"


def _secret():
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return note.Signer("example.com/log", Ed25519PrivateKey.from_private_bytes(bytes(range(32)))).secret()


def test_the_worked_example_is_right():
    text = DOCS.read_text("utf-8")
    assert text.split(BEGIN)[1].split(END)[0] == example()


def test_every_finding_is_explained():
    import re

    source = (Path(entry.__file__).parent).glob("*.py")
    verifier = ("verify", "verify_tree", "verify_past", "archive", "streams", "check")
    codes = set()
    for path in source:
        if path.stem in verifier:
            codes |= set(re.findall(r'\.add\(\s*"([a-z_]+)"', path.read_text("utf-8")))
    assert len(codes) > 15
    text = DOCS.read_text("utf-8")
    assert [code for code in sorted(codes) if f"`{code}`" not in text] == []
