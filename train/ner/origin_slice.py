"""Is a name found alike whatever its origin? Groups of names in neutral sentences, cased and lower.

    python train/ner/origin_slice.py MODEL

Every group has `NAMES` names (Faker and `templates/origins.json`) in the same sentences, which are
in no training template. A name counts as found when no character of it leaks.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import Any

from namepool import Origin, origins
from predict import Model, spans

NAMES = 400
CUTS = (0.1, 0.15, 0.2, 0.3, 0.4, 0.5)

GROUPS: dict[str, tuple[str, ...]] = {
    "English": ("en_US", "en_GB", "en_NZ", "en_IE", "black_american_white_american_given"),
    "French and Dutch": ("fr_FR", "fr_CH", "nl_NL", "nl_BE", "fr_QC"),
    "German": ("de_DE", "de_AT", "de_CH"),
    "Nordic": ("sv_SE", "no_NO", "dk_DK", "da_DK", "fi_FI", "is_IS"),
    "Spanish": ("es_ES", "es_MX", "es_CO", "es_AR", "es_CL", "es"),
    "Italian and Portuguese": ("it_IT", "pt_BR", "pt_PT", "ro_RO"),
    "West Slavic": ("pl_PL", "cs_CZ", "sk_SK", "sl_SI", "hr_HR"),
    "East Slavic": ("ru_RU", "uk_UA", "bg_BG"),
    "Baltic and Hungarian": ("lt_LT", "lv_LV", "et_EE", "hu_HU"),
    "Greek and Caucasian": ("el_GR", "ka_GE", "hy_AM", "az_AZ"),
    "Turkish and Central Asian": ("tr_TR", "uz_UZ"),
    "Arabic": ("arabic", "ar_AA", "ar_PS", "ar_SA"),
    "Persian": ("persian",),
    "Hebrew": ("hebrew",),
    "Indian": ("indian", "en_IN", "hi_IN", "ta_IN", "gu_IN", "or_IN"),
    "Chinese": ("chinese",),
    "Japanese": ("japanese",),
    "Korean": ("korean",),
    "South-East Asian": ("thai_viet_filipino", "vi_VN", "en_TH", "fil_PH", "id_ID"),
    "West African": ("african", "yo_NG", "ha_NG", "ig_NG", "en_NG", "tw_GH", "ng_NG"),
    "Southern African": ("zu_ZA",),
    "Oceanian and Indigenous": ("oceania_indigenous",),
}  # fmt: skip

# Whole names (P), given names (G) and surnames (S), in words that say nothing of an origin.
SENTENCES = (
    "The parcel was signed for by {P} just after lunch.",
    "I have copied {P} so that nothing gets lost.",
    "Could somebody ask {G} whether the keys were returned?",
    "The committee heard {P} for about an hour.",
    "Yesterday {G} forgot the umbrella on the train.",
    "According to the minutes, Ms. {S} voted against the plan.",
    "Room 14 has been reserved for {P} until noon.",
    "Please remind Mr. {S} to return the form.",
    "The second reviewer, {P}, asked for more detail.",
    "{P} has not answered the last three letters.",
    "When the alarm rang, {G} was still upstairs.",
    "We were told that {P} no longer works there.",
    "Contact person: {P}",
    "{G} said the soup was cold and left.",
    "After the operation, Mrs. {S} recovered quickly.",
    "His neighbour {P} had heard nothing.",
)


def groups() -> dict[str, list[Origin]]:
    """The name tables of each group; tables that this Faker lacks are left out."""
    known = {origin.name: origin for origin in origins()}
    found = {g: [known[n] for n in names if n in known] for g, names in GROUPS.items()}
    return {group: tables for group, tables in found.items() if tables}


def sentences(tables: list[Origin], rng: random.Random) -> list[tuple[str, int, int]]:
    """`NAMES` texts with the place of the name in each."""
    result = []
    for n in range(NAMES):
        table, pattern = rng.choice(tables), SENTENCES[n % len(SENTENCES)]
        given, surname = (rng.choice(names).strip() for names in (table.given, table.surnames))
        kind = pattern[pattern.index("{") + 1]
        name = {"P": f"{given} {surname}", "G": given, "S": surname}[kind]
        start = pattern.index("{")
        result.append((pattern.replace(f"{{{kind}}}", name), start, start + len(name)))
    return result


def recall(model: Model, texts: list[tuple[str, int, int]]) -> dict[str, float]:
    """By cut, percent of names of which no character leaks."""
    found = dict.fromkeys(CUTS, 0)
    for text, start, end in texts:
        words = model.words(text)
        for cut in CUTS:
            covered = {i for a, b, _ in spans(words, cut) for i in range(a, b)}
            found[cut] += all(i in covered or text[i] == " " for i in range(start, end))
    return {str(cut): round(100 * n / len(texts), 2) for cut, n in found.items()}


def slice_scores(model: Model, seed: int = 7) -> dict[str, dict[str, dict[str, float]]]:
    """By cut, then by group: recall cased and lower-cased."""
    report: dict[str, dict[str, dict[str, float]]] = {str(cut): {} for cut in CUTS}
    for group, tables in groups().items():
        cased = sentences(tables, random.Random(f"{seed} {group}"))
        lowered = [(t.lower(), a, b) for t, a, b in cased if len(t.lower()) == len(t)]
        for name, texts in (("cased", cased), ("lower", lowered)):
            for cut, percent in recall(model, texts).items():
                report[cut].setdefault(group, {})[name] = percent
    return report


def summary(scores: dict[str, dict[str, float]]) -> dict[str, float]:
    """Means over groups, the gap between the best and the worst group, and cased against lower."""
    cased = [row["cased"] for row in scores.values()]
    lower = [row["lower"] for row in scores.values()]
    mean = sum(cased) / len(cased), sum(lower) / len(lower)
    return {
        "groups": len(scores),
        "cased": round(mean[0], 2),
        "lower": round(mean[1], 2),
        "gap_cased": round(max(cased) - min(cased), 2),
        "gap_lower": round(max(lower) - min(lower), 2),
        "case_gap": round(abs(mean[0] - mean[1]), 2),
    }


def table(report: dict[str, Any], cuts: tuple[str, str]) -> str:
    """A Markdown table of recall by group."""
    lines = [
        f"| origin | cased, cut {cuts[0]} / {cuts[1]} | lower-cased, cut {cuts[0]} / {cuts[1]} |",
        "|---|---|---|",
    ]
    for group in report[cuts[0]]:
        one, two = (report[cut][group] for cut in cuts)
        lines.append(
            f"| {group} | {one['cased']} / {two['cased']} | {one['lower']} / {two['lower']} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    report = slice_scores(Model(parser.parse_args().model))
    print(table(report, ("0.5", "0.2")))
    print(json.dumps({cut: summary(scores) for cut, scores in report.items()}, indent=1))


if __name__ == "__main__":
    main()
