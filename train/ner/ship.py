"""Put a trained pipeline into the package, with a manifest that says where it came from.

python ship.py RUN ../../gatekeeper/detect/ner --corpora ../../../shared/corpora
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from data import load
from evaluate import evaluate, table


def describe(folder: Path) -> dict[str, dict[str, Any]]:
    """Size in bytes and SHA-256 of every file of a pipeline, by relative path."""
    return {
        path.relative_to(folder).as_posix(): {
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def ship(run: Path, package: Path, corpora: Path) -> None:
    """Copy `run/model` to `package/model`, score it anew and write `package/manifest.json`.

    The scores of the run may be older than the tiers of `gatekeeper/detect/names.py`.
    """
    import spacy

    facts = json.loads((run / "run.json").read_text())
    facts["metrics"] = evaluate(spacy.load(run / "model"), load(corpora, "dev"))
    model = package / "model"
    if model.exists():
        shutil.rmtree(model)
    shutil.copytree(run / "model", model)
    manifest = {"files": describe(model), **facts}
    text = json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False)
    (package / "manifest.json").write_text(text + "\n", encoding="utf-8")
    card = package / "MODEL_CARD.md"
    card.write_text(with_scores(card.read_text(encoding="utf-8"), manifest), encoding="utf-8")


def with_scores(card: str, manifest: dict[str, Any]) -> str:
    """The model card with the figures of a manifest between its two `scores` marks."""
    metrics = manifest["metrics"]
    lines = [table(metrics), "", "Clean assistant chats with at least one span, in percent:", ""]
    lines += ["| part | chats | PERSON | PERSON likely | LOCATION likely | ORGANIZATION likely |"]
    lines += ["|---|---|---|---|---|---|"]
    for part, clean in metrics["clean_chat"].items():
        flagged = clean["percent_flagged"]
        keys = ("PERSON possible", "PERSON likely", "LOCATION likely", "ORGANIZATION likely")
        cells = " | ".join(str(flagged.get(key, 0.0)) for key in keys)
        lines.append(f"| {part} | {clean['rows']} | {cells} |")
    size = sum(file["bytes"] for file in manifest["files"].values())
    lines += [
        "",
        f"Seed {manifest['seed']}, {manifest['steps']} steps, {size / 1e6:.1f} MB, about ",
    ]
    lines[-1] += f"{metrics['words_per_second']:,} words a second on one core."
    before, _, rest = card.partition("<!-- scores -->\n")
    after = rest.partition("<!-- /scores -->")[2]
    return before + "<!-- scores -->\n" + "\n".join(lines) + "\n<!-- /scores -->" + after


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("package", type=Path)
    parser.add_argument("--corpora", type=Path, default=Path("../shared/corpora"))
    options = parser.parse_args()
    ship(options.run, options.package, options.corpora)


if __name__ == "__main__":
    main()
