"""Allergies, pregnancy and the use of alcohol, tobacco and drugs, as said of somebody."""

from __future__ import annotations

import re

from gatekeeper.detect.recognizers.spec import END, START, Pattern, Recognizer, before

_WHO = r"(?:(?:she|he|they|i|we|patient|pt\.?|client|mother|father|wife|husband|son|daughter|child|baby|brother|sister|mom|dad|woman|man|who)(?:['’](?:s|m|re))?)"
_BE = r"(?:\s(?:is|was|are|am|has been|had been|reports? being|became))?(?:\s(?:currently|also|severely|known to be|very|highly|now|not sure if))?"
_SUBSTANCE = (
    r"(?:alcohol|drinking|heroin|cocaine|crack|meth(?:amphetamine)?|crystal meth|marijuana|cannabis|opioids?|opiates?|fentanyl|ecstasy|mdma|lsd|"
    r"ketamine|benzodiazepines?|benzos|prescription (?:pills|drugs)|pills|drugs?|iv drugs?|tobacco|nicotine|vaping|cigarettes|substances?)"
)


def _said(text: str, start: int, end: int, score: float) -> float:
    """Questions and general advice are no facts of anybody."""
    near = before(text, start, 50)
    general = re.search(
        r"\b(?:what|how|why|if|people|those|anyone|everyone|most|many|some|when|should|can|guests)\b[^.:\n]{0,40}\Z",
        near,
    )
    return 0.4 if general and score < 0.8 else score


RECOGNIZERS = (
    Recognizer("AllergyRecognizer", "ALLERGY", (
        Pattern("allergic to", rf"{START}{_WHO}(?:\s(?:is|am|are|was|reports being))?(?:\s(?:also|now|known to be))?\s(?P<value>(?:severely |deathly |highly )?allergic to (?:[a-z][\w-]{{1,20}})(?:(?:,| and|, and| or) [a-z][\w-]{{2,20}}){{0,4}}){END}", 0.75),
        Pattern("list", rf"{START}(?:(?:drug|food|known|medication) )?allerg(?:ies|y)(?:\s(?:list|status))?\s?[:=]\s{{0,2}}[\"']?(?P<value>(?!none|no\b|nil|nkda|n/a|unknown|null|true|false|denies)[a-z][\w-]{{2,24}}(?:(?:,| and|/|;) ?[a-z][\w-]{{2,24}}){{0,5}}(?:\s?\((?:rash|hives|anaphylaxis|swelling|nausea|itching|[a-z ]{{3,20}})\))?)", 0.75),
        Pattern("allergy to", rf"{START}(?:(?:has|have|had|with|known|reports?|documented)\s(?:an?\s|severe\s|known\s){{0,2}})(?P<value>(?:[a-z]{{3,14}} )?allerg(?:y|ies)(?: to [a-z][\w-]{{2,20}}(?:(?:,| and) [a-z][\w-]{{2,20}}){{0,3}})?){END}", 0.65),
        Pattern("allergy of", rf"{START}(?:penicillin|sulfa|latex|peanut|shellfish|bee sting|contrast|iodine|amoxicillin|codeine|egg|tree nut|soy|milk) allergy{END}", 0.65),
        Pattern("NKDA", r"(?<!\w)(?-i:NKDA|NKA)(?!\w)", 0.65),
    ), (), _said, needs=("allerg", "nkda", "nka")),
    Recognizer("PregnancyRecognizer", "PREGNANCY", (
        Pattern("pregnant", rf"{START}(?!we\b|they\b){_WHO}{_BE}\s(?P<value>(?:\d{{1,2}} (?:weeks?|months?) )?pregnant(?: with (?:her|my|our|his|their|twins)(?: \w+){{0,2}})?){END}", 0.7),
        Pattern("weeks", rf"{START}(?:\d{{1,2}}(?:\s?\+\s?\d|\s?\d/7)?[ -]?(?:weeks?|wks?|months?)[ -](?:pregnant|gestation(?:al age)?|gravid)|gestational age(?: of|:)? \d{{1,2}}(?:\s?(?:weeks?|w)\b|\s?\+\s?\d|\s\d/7)|(?:ega|ga)[: ]\s?\d{{1,2}}w(?:\s?\d ?d)?){END}", 0.8),
        Pattern("gravida", r"(?<!\w)(?-i:G1?\d,? ?P1?\d(?:[-0-9]{0,8})?(?: ?A[Bb]?\d)?|G\d{1,2}P\d{4})(?!\w)|\bgravida \d{1,2},? para \d{1,2}\b|\bprimigravida\b|\bmultigravida\b", 0.75),
        Pattern("dates", rf"{START}(?:edd|estimated (?:due date|date of (?:delivery|confinement))|last menstrual period|lmp)\s{{0,2}}(?:is|was|of|:|=)\s{{0,2}}[^\s,;]{{3,12}}", 0.7),
        Pattern("test", rf"{START}(?:positive (?:home |urine |serum )?pregnancy test|pregnancy test (?:was|is|came back) positive|hcg positive|(?:terminated|termination of) (?:her|my|the) pregnancy|(?:had|having|an?) (?:elective |medical |surgical )?abortion (?:in|at|last)){END}", 0.7),
    ), (), _said, needs=("pregnan", "gestation", "gravid", "p", "edd", "due date", "lmp", "menstrual", "hcg", "abortion", "ega", "ga")),
    Recognizer("SubstanceUseRecognizer", "SUBSTANCE_USE", (
        Pattern("use of", rf"{START}(?:(?:history of|h/o|hx of|current|active|ongoing|chronic|daily|heavy|past|prior|admits to|reports|endorses|denies|recent|intravenous|iv) )(?P<value>{_SUBSTANCE} (?:use|abuse|misuse|dependence|addiction|dependency)){END}", 0.75),
        Pattern("tobacco", rf"{START}(?:\d{{1,3}}(?:\.\d)?[- ]pack[- ]years?(?: (?:smoking )?history)?|(?:smokes?|smoked|smoking)\s(?:about |approximately |roughly |up to )?(?:\d{{1,2}}(?:\.\d)?|half a|one|two|a) (?:packs?|ppd|cigarettes)(?: of cigarettes)?(?: (?:a|per|each) (?:day|week)| daily)?|\d(?:\.\d)?\s?ppd){END}", 0.75),
        Pattern("alcohol", rf"{START}(?:drinks?|drank|consumes?|drinking)\s(?:about |approximately |up to |around )?(?:\d{{1,2}}(?:-\d{{1,2}})?|a|one|two|three|four|five|six|a pint of|a fifth of|a bottle of|a six-pack of)\s?(?:beers?|glasses of wine|drinks|shots|pints?|bottles?(?: of (?:wine|vodka|whiskey))?|vodka|whiskey|liquor|units(?: of alcohol)?|cans)(?: of \w+)? (?:(?:a|per|each|every) (?:day|night|week|evening|weekend)|daily|nightly){END}", 0.75),
        Pattern("addicted", rf"{START}{_WHO}(?:\s(?:is|was|has been|had been|got|became|am))?\s(?P<value>addicted to {_SUBSTANCE}|in recovery from {_SUBSTANCE}(?: (?:use|addiction|abuse))?|an? (?:recovering|former|functioning) (?:alcoholic|addict)|(?:sober|clean) (?:for|since) [^.,;\n]{{3,20}}){END}", 0.7),
        Pattern("injects", rf"{START}{_WHO}(?:\s(?:has|had|also|regularly|occasionally|currently|admits to))?\s(?P<value>(?:injects?|injected|injecting|snorts?|snorted|smokes?|smoked|uses?|used|using|abuses?|abused|abusing|relapsed on|overdosed on) (?:heroin|cocaine|crack|meth(?:amphetamine)?|crystal meth|fentanyl|marijuana|cannabis|weed|opioids?|opiates?|oxycodone|mdma|ecstasy|lsd)){END}(?!-)", 0.75),
        Pattern("programme", rf"{START}(?:(?:admitted|went|sent|referred|returned) to (?:a |the )?(?:rehab|detox|methadone clinic|sober living)(?: (?:for|facility|program|center)\b)?|(?:attends?|attending|goes to|going to) (?:aa|na|alcoholics anonymous|narcotics anonymous)(?: meetings)?){END}", 0.7),
        Pattern("IVDU", r"(?<!\w)(?-i:IVDU|IVDA|ETOH abuse|EtOH abuse|EtOH use|ETOH use|AUD|OUD)(?!\w)(?=[ ,.;:)]|$)", 0.5),
    ), ("patient", "history", "hx", "social"), _said, needs=("use", "abuse", "addict", "depend", "pack", "ppd", "smok", "drink", "drank", "consum", "recover", "sober", "clean", "inject", "snort", "overdos", "relaps", "rehab", "detox", "methadone", "aa", "anonymous", "ivd", "etoh", "alcoholic", "oud", "aud")),
)  # fmt: skip
