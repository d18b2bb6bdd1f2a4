"""A verifier written from docs/verify.md alone: the standard library and Ed25519, nothing of the product.

`verify(path, vkey, witness)` gives the set of what is wrong; an empty one means whole and authenticated.
"""

import base64
import csv
import io
import json
import re
import zipfile
from hashlib import sha256
from itertools import pairwise

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FACETS = ("subject", "order_ref", "merchant_ref", "outcome")
REQUIRED = {"checkpoint", "leaves.bin", "range.json", "entries.jsonl", "entries.csv", "ocsf.jsonl", "consistency.jsonl"}


def node(left, right):
    return sha256(b"\1" + left + right).digest()


def compact(begin, end):
    while begin < end:
        level = 0
        while not begin % (2 << level) and begin + (2 << level) <= end:
            level += 1
        yield level, begin >> level
        begin += 1 << level


class Stack:
    def __init__(self):
        self.parts, self.end = [], 0

    def push(self, level, index, value):
        self.end = (index + 1) << level
        while self.parts and index & 1 and self.parts[-1][:2] == (level, index - 1):
            value, level, index = node(self.parts.pop()[2], value), level + 1, index >> 1
        self.parts.append((level, index, value))

    def root(self):
        hashes = [part[2] for part in self.parts]
        value = hashes.pop() if hashes else sha256(b"").digest()
        while hashes:
            value = node(hashes.pop(), value)
        return value


def consistent(old, new, old_root, new_root, proof):
    path, place, last = (proof if old & (old - 1) else [old_root, *proof]), old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    if not path:
        return False
    first = second = path[0]
    for step in path[1:]:
        if not last:
            return False
        if place & 1 or place == last:
            first, second = node(step, first), node(step, second)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            second = node(second, step)
        place, last = place >> 1, last >> 1
    return not last and (first, second) == (old_root, new_root)


class Verifier:
    def __init__(self, files, vkey, witness):
        self.files, self.wrong, self.roots, self.keys = files, set(), {}, {}
        self.trust(vkey, 0, 2**63)
        self.read = json.loads(files["manifest.json"])
        self.origin, self.size, self.first, self.end = (self.read[n] for n in ("origin", "tree_size", "first", "end"))
        self.root = bytes.fromhex(self.read["root_hash"])
        self.witness = witness and self.checkpoint(witness, "witness")

    def need(self, truth, what):
        if not truth:
            self.wrong.add(what)
        return truth

    def trust(self, vkey, first, last):
        name, key_id, raw = vkey.strip().split("+", 2)
        public = base64.b64decode(raw)[1:]
        assert sha256(name.encode() + b"\n\1" + public).digest()[:4].hex() == key_id
        self.keys[name, bytes.fromhex(key_id)] = (Ed25519PublicKey.from_public_bytes(public), first, last)

    def signed(self, note, what, size=None):
        text, _, lines = note.rpartition("\n\n")
        good = False
        self.need(re.fullmatch(r"(— [^ +\n]+ [A-Za-z0-9+/]+=*\n)+", lines), f"{what} signature")
        for line in lines.splitlines():
            _, name, encoded = line.split(" ")
            raw = base64.b64decode(encoded)
            self.need(base64.b64encode(raw).decode() == encoded, f"{what} signature")
            key, first, last = self.keys.get((name, raw[:4]), (None, 0, 0))
            if key and (size is None or first <= size <= last):
                try:
                    key.verify(raw[4:], f"{text}\n".encode())
                    good = True
                except InvalidSignature:
                    self.wrong.add(f"{what} signature")
        self.need(good, f"{what} signature")
        return text

    def checkpoint(self, note, what):
        origin, size, root = note.split("\n")[:3]
        self.signed(note, what, int(size))
        self.need(origin == self.origin, f"{what} origin")
        return int(size), base64.b64decode(root)

    def handovers(self):
        for name in sorted(n for n in self.files if n.startswith("handovers/")):
            lines = self.files[name].decode().split("\n")
            size, old, new = int(lines[2]), lines[3], lines[4]
            known = {key.split("+")[1] for key in (old, new)} & {key_id.hex() for _, key_id in self.keys}
            if self.need(lines[:2] == ["daigou-audit-handover/1", self.origin] and known, "handover"):
                self.trust(old, 0, size)
                self.trust(new, size, 2**63)
                self.signed(self.files[name].decode(), "handover")

    def run(self):
        self.handovers()
        digest = sha256(self.files["manifest.json"]).hexdigest()
        self.need(self.signed(self.files["manifest.note"].decode(), "manifest") == f"sha256:{digest}", "manifest")
        listed = self.read["files"]
        self.need(
            set(listed) == set(self.files) - {"manifest.json", "manifest.note"} and listed.keys() >= REQUIRED, "files"
        )
        for name, said in listed.items():
            data = self.files.get(name, b"")
            self.need(said == {"sha256": sha256(data).hexdigest(), "size": len(data)}, f"file {name}")
        self.need(
            self.checkpoint(self.files["checkpoint"].decode(), "checkpoint") == (self.size, self.root), "checkpoint"
        )
        self.tree()
        self.entries()
        self.past()

    def tree(self):
        data, sides, stack = self.files["leaves.bin"], json.loads(self.files["range.json"]), Stack()
        self.leaves = [data[i : i + 32] for i in range(0, len(data), 32)]
        self.need(len(data) == 32 * (self.end - self.first), "leaves")
        for begin, end, side in ((0, self.first, "left"), (self.end, self.size, "right")):
            if side == "right":
                for place, leaf in enumerate(self.leaves, self.first):
                    stack.push(0, place, leaf)
                    if self.witness and stack.end == self.witness[0]:
                        self.roots[stack.end] = stack.root()
            nodes, hashes = list(compact(begin, end)), [base64.b64decode(h) for h in sides[side]]
            self.need(len(nodes) == len(hashes), "range")
            for (level, index), value in zip(nodes, hashes, strict=False):
                stack.push(level, index, value)
            if side == "left":
                self.roots[self.first] = stack.root()
        self.need(stack.root() == self.root, "root")

    def entries(self):
        shown, streams = {}, {}
        rows = list(csv.reader(io.StringIO(self.files["entries.csv"].decode(), newline="")))[1:]
        events = self.files["ocsf.jsonl"].splitlines()
        lines = self.files["entries.jsonl"].splitlines()
        self.need(len(rows) == len(events) == len(lines), "tables")
        for line, row, event in zip(lines, rows, events, strict=False):
            said = json.loads(line)
            index, raw = said.pop("index"), base64.b64decode(said.pop("entry"))
            same = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() == raw
            self.need(json.loads(raw) == said and same, "entry")
            self.need(self.first <= index < self.end and index > max(shown, default=-1), "order")
            leaf = sha256(b"\0" + raw).digest()
            self.need(self.leaves[index - self.first : index - self.first + 1] == [leaf], "leaf")
            shown[index] = leaf
            streams.setdefault(said["stream"], []).append((said["no"], said["prev"], leaf.hex()))
            plain = [str(index), said["at"], *(said["facts"].get(name, "") for name in FACETS)]
            self.need([cell.removeprefix("'") for cell in (*row[:2], *row[6:10])] == plain, "tables")
            self.need(json.loads(event)["unmapped"] == said["facts"], "tables")
        narrowed = set(self.read["filter"]) - {"from", "to"}
        hidden = {leaf.hex() for place, leaf in enumerate(self.leaves, self.first) if place not in shown}
        self.need(narrowed or not hidden, "withheld")
        for stream, chain in streams.items():
            head = self.read["stream_heads"].get(stream, {"no": 0, "hash": ""})
            asked = {head["hash"]} | {prev for _, prev, _ in chain}
            self.need(narrowed & {"kind", "subject"} or not asked & hidden, "withheld")
            self.need(head["no"] >= max(chain)[0], "head")
            for no, prev, _ in chain:
                before = [leaf for number, _, leaf in chain if number == no - 1]
                self.need((no == 1) == (prev == "0" * 64) and (not before or before == [prev]), "chain")

    def past(self):
        seen = {self.size: self.root}
        for name in (n for n in self.files if re.fullmatch(r"checkpoints/\d+", n)):
            size, root = self.checkpoint(self.files[name].decode(), name)
            self.need(name == f"checkpoints/{size}" and size <= self.size, name)
            seen[size] = root
        steps, sizes = [json.loads(line) for line in self.files["consistency.jsonl"].splitlines()], sorted(seen)
        self.need([(s["from_size"], s["to_size"]) for s in steps] == list(pairwise(sizes)), "steps")
        for step in steps:
            old, new, proof = step["from_size"], step["to_size"], [base64.b64decode(h) for h in step["hashes"]]
            self.need(consistent(old, new, seen.get(old), seen.get(new), proof), "forked")
        if self.witness:
            self.need(self.witness[0] <= self.size, "truncated")
            self.need((self.roots | seen).get(self.witness[0]) == self.witness[1], "forked")


def verify(path, vkey, witness=None):
    with zipfile.ZipFile(path) as file:
        names = [info.filename for info in file.infolist()]
        if len(set(names)) != len(names) or any({"", ".", ".."} & set(name.split("/")) for name in names):
            return {"names"}
        found = Verifier({name: file.read(name) for name in names}, vkey, witness)
    found.run()
    return found.wrong
