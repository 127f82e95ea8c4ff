"""Files of every format with names, pages, codes and broken places in them."""

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

ROWS: list[dict[str, Any]] = [
    {"case_ref": f"K{n % 7}-{22391 + 17 * n}", "text": text, "n": n}
    for n, text in enumerate(
        [
            "did gonzalez call again",
            "See page.\nABC000123\n",
            "Write to maria.lopez@example.com today.",
            "nothing here",
            "as in ABC000124 above",
            "Seen today: Maria Gonzalez, 61.",
            "or ABC000125",
            "keller and gonzalez",
            "the patient's SSN is 219-09-9999",
            "Mr. Robert Keller called.",
        ]
        * 4
    )
]


def jsonl_lines() -> list[bytes]:
    lines = [json.dumps(row).encode() for row in ROWS]
    lines[3:3] = [b"", b" \t\r", b"{broken: maria.lopez@example.com"]
    lines[12:12] = [b'{"a": "\xff"}', b"", b'{"a": "\x00"}', b"{" * 300]
    lines[20:20] = [b'{"image_url": {"url": "data:image/png;base64,' + b"QUJD" * 20 + b'"}}', b""]
    lines[30:30] = [b"  ", b'{"x": "' + b"y" * 3000 + b'"}']
    return lines


def write_all(folder: Path) -> list[Path]:
    """One file of each kind; the paths, in order."""
    folder.mkdir()
    jsonl = b"\n".join(jsonl_lines())
    table = io.StringIO()
    writer = csv.DictWriter(table, ROWS[0])
    writer.writeheader()
    writer.writerows(ROWS)
    text = "\n".join(row["text"] for row in ROWS)
    contents = {
        "a.jsonl": jsonl,
        "b.jsonl": b"\xef\xbb\xbf" + jsonl.replace(b"\n", b"\r\n") + b"\n\n\n",
        "c.json": json.dumps(ROWS).encode(),
        "d.csv": table.getvalue().encode(),
        "e.txt": text.encode(),
        "f.jsonl.gz": gzip.compress(jsonl, mtime=0),
        "g.md": text.encode() + b"\xff",
        "h.png": b"\x89PNG" + bytes(100),
        "i.jsonl": b"",
        "j.jsonl": b"\n\n \n" * 200,
        "k.jsonl": b'{"text": "one line"}',
        "l.jsonl": b"\n".join(json.dumps(row).encode() for row in ROWS[3:4] * 50),
        "m.zip": b"PK\x03\x04" + bytes(50),
        "n.jsonl": jsonl,
    }
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    (folder / "o.jsonl").symlink_to(folder / "a.jsonl")
    write_columnar(folder)
    return sorted(folder.iterdir())


def write_columnar(folder: Path) -> None:
    import pyarrow as pa
    from pyarrow import ipc, parquet

    table = pa.Table.from_pylist(ROWS, metadata={"by": "maria.lopez@example.com"})
    parquet.write_table(table, folder / "p.parquet", row_group_size=7)
    with ipc.new_file(folder / "q.arrow", table.schema) as writer:
        writer.write_table(table)
