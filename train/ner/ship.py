"""Score a run, and put its model into the package with a manifest that says where it came from.

python train/ner/ship.py RUN gatekeeper/detect/ner --corpora ../shared/corpora
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import origin_slice
from data import load
from evaluate import evaluate, table
from flips import flips
from predict import Model


def describe(folder: Path) -> dict[str, dict[str, Any]]:
    """Size in bytes and SHA-256 of every file of a model, by relative path."""
    return {
        path.relative_to(folder).as_posix(): {
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def report(run: Path, corpora: Path) -> dict[str, Any]:
    """The facts of a run with all its figures, also written to `run/report.json`."""
    facts: dict[str, Any] = json.loads((run / "run.json").read_text())
    config = json.loads((run / "int8" / "config.json").read_text())
    dev = load(corpora, "dev")
    texts = [s.text for samples in dev.values() for s in samples]
    facts["cuts"] = config["cuts"]
    facts["metrics"] = {
        **evaluate(Model(run / "int8"), dev),
        "origins": origin_slice.slice_scores(Model(run / "int8")),
        "flips": flips(run, texts, tuple(config["cuts"].values())),
    }
    text = json.dumps(facts, indent=2, ensure_ascii=False)
    (run / "report.json").write_text(text + "\n", encoding="utf-8")
    return facts


def ship(run: Path, package: Path, facts: dict[str, Any]) -> None:
    """Copy `run/int8` to `package/model`; write the manifest, and the figures into the card."""
    model = package / "model"
    if model.exists():
        shutil.rmtree(model)
    shutil.copytree(run / "int8", model)
    manifest = {"files": describe(model), **facts}
    text = json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False)
    (package / "manifest.json").write_text(text + "\n", encoding="utf-8")
    card = package / "MODEL_CARD.md"
    card.write_text(with_scores(card.read_text(encoding="utf-8"), manifest), encoding="utf-8")


def with_scores(card: str, manifest: dict[str, Any]) -> str:
    """The model card with the figures of a manifest between its two `scores` marks."""
    metrics = manifest["metrics"]
    likely, possible = (str(manifest["cuts"][tier]) for tier in ("likely", "possible"))
    size = sum(file["bytes"] for file in manifest["files"].values())
    lines = [table(metrics, (likely, possible)), "", *_sweep(metrics), ""]
    lines += _clean(metrics, (likely, possible))
    lines += ["", "Names by origin, percent found whole:", ""]
    lines += [origin_slice.table(metrics["origins"], (likely, possible)), ""]
    lines += _origin_summary(metrics["origins"], (likely, possible))
    lines += ["", "Decisions, int8 against fp32:", "", *_flips(metrics["flips"]), ""]
    lines.append(
        f"Seed {manifest['seed']}, {manifest['steps']} steps, {size / 1e6:.1f} MB, "
        f"{metrics['words_per_second']:,} words a second on one core without any gate "
        f"(dev texts, full of names; a busy machine)."
    )
    before, _, rest = card.partition("<!-- scores -->\n")
    after = rest.partition("<!-- /scores -->")[2]
    return before + "<!-- scores -->\n" + "\n".join(lines) + "\n<!-- /scores -->" + after


def _sweep(metrics: dict[str, Any]) -> list[str]:
    lines = ["| cut | PERSON leaked, mean over corpora | clean texts flagged | as a person |"]
    lines.append("|---|---|---|---|")
    lines += [
        f"| {cut} | {m['person_leaked']} | {m['clean_flagged']} | {m['clean_flagged_person']} |"
        for cut, m in metrics["means"].items()
    ]
    return lines


def _clean(metrics: dict[str, Any], cuts: tuple[str, str]) -> list[str]:
    lines = [f"Clean assistant chats with a span at cut {cuts[0]} / {cuts[1]}, in percent:", ""]
    lines += ["| part | chats | any | PERSON |", "|---|---|---|---|"]
    for part, clean in metrics["clean_chat"].items():
        flagged = clean["percent_flagged"]
        cells = (" / ".join(str(flagged.get(f"{x} {c}", 0.0)) for c in cuts) for x in _KINDS)
        lines.append(f"| {part} | {clean['rows']} | {' | '.join(cells)} |")
    return lines


_KINDS = ("any", "PERSON")


def _origin_summary(scores: dict[str, Any], cuts: tuple[str, str]) -> list[str]:
    sums = {cut: origin_slice.summary(scores[cut]) for cut in cuts}
    return [
        f"At cut {cut}: {s['groups']} groups of {origin_slice.NAMES} names; mean {s['cased']} "
        f"cased, {s['lower']} lower-cased; best group less worst {s['gap_cased']} cased, "
        f"{s['gap_lower']} lower-cased."
        for cut, s in sums.items()
    ]


def _flips(found: dict[str, Any]) -> list[str]:
    lines = ["| pair | spans | in one only |", "|---|---|---|"]
    pairs = found["spans, and spans in one only"]
    lines += [f"| {pair} | {spans} | {apart} |" for pair, (spans, apart) in pairs.items()]
    lines += ["", f"{found['windows run twice']} of {found['windows']} windows ran twice."]
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("package", type=Path)
    parser.add_argument("--corpora", type=Path, default=Path("../shared/corpora"))
    options = parser.parse_args()
    ship(options.run, options.package, report(options.run, options.corpora))


if __name__ == "__main__":
    main()
