"""What reading may cost, so that every input ends within its budget with a named reason."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one run of reading. Beyond any of them is a refusal, never a silent cut."""

    max_record_bytes: int = 64 * MIB
    """Bytes of one record (a line, a row, a JSON value) as decompressed."""

    max_depth: int = 200
    """JSON levels inside one another. Training rows have fewer than ten."""

    max_values: int = 500_000
    """Values in one record; each costs some hundred bytes of memory, however short it is."""

    max_ratio: int = 200
    """Decompressed bytes for each stored byte. Chat rows that repeat one long system prompt were
    seen to reach about 130, and deflate cannot exceed 1032; a bomb lives near that end."""

    ratio_floor_bytes: int = 16 * MIB
    """Decompressed bytes that are free of the ratio: a small file may repeat itself."""

    max_in_memory_bytes: int = 512 * MIB
    """Bytes held at once where a format needs random access and there is no file to seek in
    (Parquet from stdin, from git, or inside gzip)."""

    max_files: int = 100_000
    """Files in all the folders of one run."""

    chunk_characters: int = 64 * 1024
    """Code points of plain text in one piece."""

    overlap_characters: int = 1024
    """Code points that two neighbouring pieces share, so that nothing is lost at an edge."""


DEFAULT = Limits()
