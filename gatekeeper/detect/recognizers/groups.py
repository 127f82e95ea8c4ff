"""GDPR Art. 9(1) and 10: origin, belief, opinion, membership, genes, orientation, convictions.

Found where they are said of a person: by a label, a verb or a case. A topic is not personal data:
"Jewish holidays" is none, "she is Jewish" is.
"""

from __future__ import annotations

import re

from gatekeeper.detect.recognizers.spec import (
    END,
    SEPARATOR,
    START,
    Pattern,
    Recognizer,
    before,
)

_RELIGIONS = (
    "jewish|muslim|roman catholic|catholic|protestant|hindu|buddhist|sikh|mormon|christian|(?:greek|russian|eastern) orthodox|"
    "orthodox jew(?:ish)?|orthodox|sunni|shia|shi'ite|shiite|atheist|baptist|methodist|lutheran|presbyterian|anglican|episcopalian|"
    "pentecostal|evangelical(?: christian)?|born-again christian|jehovah's witness|seventh-day adventist|baha'i|bahá'í|quaker|"
    "zoroastrian|agnostic|jain|taoist|wiccan|pagan|rastafarian|scientologist|druze|alevi|ahmadi|coptic(?: christian)?|jew|"
    "hasidic(?: jew)?|church of england|islam|judaism|christianity|hinduism|buddhism|sikhism|catholicism"
)
_ETHNIC = (
    "african[- ]american|afro-caribbean|black caribbean|black african|black british|hispanic|latino|latina|latinx|caucasian|"
    "asian[- ]american|native american|american indian|alaska native|native hawaiian|pacific islander|aboriginal|"
    "torres strait islander|first nations|métis|inuit|māori|maori|roma|romani|sinti|kurdish|ashkenazi(?: jewish)?|sephardic|"
    "black|white british|white irish|white|south asian|east asian|southeast asian|asian|arab|berber|han chinese|uyghur|tamil|"
    "punjabi|hazara|pashtun|yoruba|igbo|hausa|zulu|xhosa|tutsi|hutu|biracial|multiracial|mixed[- ]race|mixed ethnicity|"
    "of (?:african|asian|arab|jewish|roma|turkish|latin american|mixed) (?:descent|origin|heritage|background)"
)
_PARTIES = (
    "republican|democrat|communist|socialist|conservative|libertarian|labour|tory|liberal democrat|lib dem|green|"
    "social democrat|christian democrat|marxist|anarchist|monarchist|trotskyist|leninist|maga republican|snp|ukip|"
    "reform uk|plaid cymru|sinn féin|sinn fein|dup|cdu|csu|spd|afd|fdp|die linke|bjp|aap|congress party|"
    "rassemblement national|la france insoumise|vox|podemos|fidesz|pis|likud|akp|chp|anc|eff|liberal|nationalist"
)
_NATIONS = (
    "american|mexican|canadian|cuban|puerto rican|dominican|brazilian|colombian|venezuelan|salvadoran|"
    "guatemalan|haitian|jamaican|irish|british|english|scottish|welsh|german|french|italian|spanish|portuguese|"
    "greek|polish|ukrainian|russian|romanian|hungarian|serbian|turkish|syrian|iraqi|iranian|afghan|"
    "pakistani|indian|bangladeshi|nepali|sri lankan|chinese|taiwanese|korean|japanese|vietnamese|filipino|filipina|"
    "thai|indonesian|malaysian|nigerian|ghanaian|kenyan|ethiopian|somali|eritrean|sudanese|egyptian|moroccan|algerian|tunisian|"
    "israeli|palestinian|lebanese|jordanian|saudi|dutch|belgian|swiss|austrian|swedish|norwegian|danish|finnish|czech|"
    "slovak|bulgarian|croatian|albanian|armenian|georgian|australian|south african|peruvian|chilean|argentinian|"
    "argentine|ecuadorian|honduran|bolivian"
)


def _literals(*alternatives: str) -> tuple[str, ...]:
    """What a text must hold for one of `alternatives` to match: the fixed head of each of them."""
    heads: set[str] = set()
    for part in "|".join(alternatives).split("|"):
        head = re.split(r"\w?[?{*]|[()\[\\]", part.removeprefix("(?:"))[0].strip().casefold()
        heads.add(head or max(re.findall(r"\w+", part), key=len).casefold())
    return tuple(sorted(heads - {"of", "origin", "background", "heritage"}))


# --- who it is said of ---------------------------------------------------------------------------

_ROLES = (
    "he|she|they|i|patient|pt|client|customer|employee|applicant|candidate|tenant|defendant|plaintiff|claimant|victim|"
    "witness|suspect|resident|student|pupil|user|member|donor|participant|subject|mother|father|husband|wife|son|daughter|"
    "brother|sister|parents?|partner|spouse|colleague|boss|manager|neighbou?r|teacher|nurse|doctor|woman|man|boy|girl|"
    "family|grandmother|grandfather|friend"
)
_NAME = r"(?-i:[A-Z][a-z]{1,20}(?:[ ][A-Z]\.)?[ ][A-Z][a-z'-]{1,25})"
_WHO = rf"(?:{_ROLES}|{_NAME})"
_FILL = r"(?:\s(?:an?|the|practi[cs]ing|devout|non-practi[cs]ing|observant|strict|registered|lifelong|committed|openly|also|very|both|proudly|half|part|ethnically|originally|not)){0,3}"
_BE = rf"(?:'s|'m|'re|\s(?:is|was|am|are|identif(?:ies|ied) as|self-identif(?:ies|ied) as|converted to|has been|had been))(?!\snot\s){_FILL}"
_THING = (
    r"(?![\s-](?:food|language|history|restaurants?|teachers?|literature|cuisine|music|art|paper|board|wine|noise|house|"
    r"tie|coat|rice|bread|belt|dress|shirt|car|cars|box|light|cat|dog|horse|swan|hole|market|friday|sea|card|list|"
    r"holidays?|schools?|films?|studies|classes|students of|embassy|government|citizens? who|space|energy|with|from the))"
)


def _said(value: str) -> str:
    return rf"{START}{_WHO}{_BE}\s(?P<value>{value}){END}{_THING}"


_MARK = r"(?=[\"'`*_)\]>]{0,4}[ \t]{0,4}(?:[:=#|>\t-]|is\b|was\b))"
"""A heading is no label."""


def _under(labels: str, value: str) -> str:
    spaced = labels.replace(" ", "[ _-]")
    return rf"{START}(?:{spaced}){_MARK}{SEPARATOR}(?P<value>{value})s?{END}"


def _of_a_case(value: str) -> str:
    return (
        rf"{START}(?:\d{{1,3}}[- ]?(?:year|yr|y)s?[- ]?(?:old|o)|y/?o|(?:young|old|elderly|middle-aged))[\s,]{{1,2}}(?P<value>{value}){END}\s"
        r"(?:man|woman|male|female|boy|girl|patient|gentleman|lady|person|teenager|student|mother|father)"
    )


def _colour(text: str, start: int, end: int, score: float) -> float:
    """`black` and `white` are mostly colours: only a label or a case makes them an origin."""
    if re.search(
        r"(?:arms|rat|horse|space|foot|boat|relay|motor|cycle) race\W{1,4}$", before(text, start)
    ):
        return 0.0
    if (
        text[start:end].lower() in {"black", "white", "asian", "arab", "roma", "mixed"}
        and score < 0.75
    ):
        return 0.5 if re.match(r"[\s]*(?:[.,;)]|and\b|$)", text[end : end + 6]) else 0.3
    return score


ORIGIN = Recognizer("EthnicityRecognizer", "ETHNICITY", (
    Pattern("labelled", _under(r"ethnicity|ethnic (?:origin|group|background)|race(?: ?/ ?ethnicity)?|racial (?:origin|group)|ethnische herkunft|origine ethnique", _ETHNIC), 0.88),
    Pattern("said of a person", _said(_ETHNIC), 0.7),
    Pattern("of a case", _of_a_case(_ETHNIC), 0.8),
), check=_colour, needs=_literals(_ETHNIC))  # fmt: skip
NATION = Recognizer("NationalityRecognizer", "NATIONALITY", (
    Pattern("labelled", _under(r"nationality|citizenship|citizen of|nationalité|staatsangehörigkeit|country of birth", _NATIONS), 0.88),
    Pattern("said of a person", _said(_NATIONS), 0.7),
    Pattern("of a case", _of_a_case(_NATIONS), 0.75),
    Pattern("citizen", rf"{START}{_WHO}{_BE}\s(?P<value>{_NATIONS}){END}\s(?:citizen|national)", 0.8),
), needs=_literals(_NATIONS))  # fmt: skip
BELIEF = Recognizer("ReligionRecognizer", "RELIGION", (
    Pattern("labelled", _under(r"religion|religious (?:affiliation|beliefs?|preference|denomination)|faith|denomination|confession|konfession|religión", _RELIGIONS), 0.88),
    Pattern("said of a person", _said(_RELIGIONS), 0.75),
    Pattern("of a case", _of_a_case(_RELIGIONS), 0.8),
    Pattern("converted", rf"{START}{_WHO}\s(?:converted|reverted) to (?P<value>{_RELIGIONS}){END}", 0.8),
    Pattern("practises", rf"{START}{_WHO}\s(?:practi[cs]es|practi[cs]ed|follows|believes in|was raised|was brought up|grew up|was baptised|was baptized)\s(?:in\s)?(?:an?\s|the\s)?(?P<value>{_RELIGIONS}){END}{_THING}", 0.75),
), needs=_literals(_RELIGIONS))  # fmt: skip
OPINION = Recognizer("PoliticalOpinionRecognizer", "POLITICAL_OPINION", (
    Pattern("labelled", _under(r"political (?:party|affiliation|views?|opinions?|leaning|orientation)|party (?:affiliation|membership|registration)|voter registration", rf"(?:(?:registered|far[- ]left|far[- ]right|left[- ]wing|right[- ]wing|moderate)\s)?(?:{_PARTIES})|far[- ]left|far[- ]right|left[- ]wing|right[- ]wing"), 0.88),
    Pattern("said of a person", rf"{START}{_WHO}{_BE}\s(?P<value>(?:republican|democrat|communist|socialist|libertarian|tory|liberal democrat|lib dem|social democrat|christian democrat|marxist|anarchist|monarchist|trotskyist)){END}{_THING}", 0.75),
    Pattern("member or voter", rf"{START}(?:{_WHO}(?:{_BE})?\s(?:an?\s)?(?:paid-up\s|active\s|former\s|long-time\s)?(?:members? of|joined|supports?|supported|donated to|campaign(?:s|ed) for|canvass(?:es|ed) for|votes?|voted)(?:\sfor)?)\s(?:the\s)?(?P<value>(?:{_PARTIES})(?: party)?){END}", 0.8),
), needs=_literals(_PARTIES, "left|right|republican|democrat"))  # fmt: skip
_UNIONS = (
    r"unison|unite(?: the union)?|gmb|ig metall|ver\.di|ig bau|cgt|cfdt|cgil|cisl|uil|ugt|ccoo|uaw|afl-cio|seiu|teamsters|afscme|cwa|"
    r"united steelworkers|ufcw|ibew|rmt|aslef|nuj|ucu|neu|nasuwt|usdaw|prospect|pcs|fbu|solidarność|solidarnosc|fnv|amazon labor union|"
    r"(?:the |a |an? \w{3,15} )?(?:trade|labou?r|teachers'?|nurses'?|workers'?|railway|postal|miners'?|staff) union"
)
UNION = Recognizer("TradeUnionRecognizer", "TRADE_UNION", (
    Pattern("member", rf"{START}{_WHO}(?:{_BE})?\s(?:an?\s)?(?P<value>(?:paid-up\s|active\s|former\s)?(?:members? of|joined|belongs to|pays dues to)\s(?:the\s)?(?:{_UNIONS})){END}", 0.85),
    Pattern("post", rf"{START}{_WHO}(?:{_BE}|\s(?:was|has been|were)\selected(?:\sas)?){_FILL}\s(?P<value>(?:union )?shop steward|(?:trade |labou?r )?union (?:rep(?:resentative)?|steward|organi[sz]er|member|official|delegate)){END}", 0.82),
    Pattern("labelled", _under(r"(?:trade |labou?r )?union (?:membership|member|affiliation|status)|gewerkschaft", rf"{_UNIONS}|yes|member|ja"), 0.85),
    Pattern("dues", rf"{START}(?P<value>(?:trade |labou?r )?union (?:dues|fees?|subscription)(?: deduct(?:ion|ed))?){END}(?={SEPARATOR}[$€£]?\d)", 0.8),
), needs=("union", "steward", "gewerkschaft", "unison", "unite", "gmb", "ig metall", "ver.di", "ig bau", "cgt", "cfdt", "cgil", "cisl", "uil", "ugt", "ccoo", "uaw", "afl-cio", "seiu", "teamsters", "afscme", "cwa", "steelworkers", "ufcw", "ibew", "rmt", "aslef", "nuj", "ucu", "neu", "nasuwt", "usdaw", "prospect", "pcs", "fbu", "solidarno", "fnv"))  # fmt: skip
_ORIENTATIONS = (
    "gay|lesbian|bisexual|homosexual|heterosexual|straight|queer|pansexual|asexual|demisexual"
)
ORIENTATION = Recognizer("SexualOrientationRecognizer", "SEXUAL_ORIENTATION", (
    Pattern("labelled", _under(r"sexual (?:orientation|preference|identity)|orientation \(sexual\)|sexuality|sexuelle orientierung", rf"{_ORIENTATIONS}|msm|lgbtq?\+?"), 0.9),
    Pattern("said of a person", rf"{START}{_WHO}{_BE}\s(?P<value>gay|lesbian|bisexual|homosexual|queer|pansexual|asexual){END}{_THING}(?!\s(?:bar|rights|marriage|bars|club))", 0.8),
    Pattern("came out", rf"{START}{_WHO}\s(?:came|has come|had come|coming) out (?:to \w{{1,12}}(?: \w{{1,12}})? )?as\s(?:an?\s)?(?P<value>{_ORIENTATIONS}){END}", 0.85),
    Pattern("of a case", _of_a_case(_ORIENTATIONS), 0.8),
    Pattern("partners", rf"{START}(?P<value>(?:has |had |having )?sex with (?:men|women|men and women)){END}", 0.7),
), needs=_literals(_ORIENTATIONS, "sex|lgbt|msm|orientierung"))  # fmt: skip

# --- genes ---------------------------------------------------------------------------------------

_GENE = r"(?-i:BRCA[12]|TP53|APOE|CFTR|HTT|LDLR|MLH1|MSH[26]|PALB2|CHEK2|ATM|PTEN|FMR1|HFE|F5|MTHFR|LRRK2|GBA1?|APC|RB1|VHL|MYBPC3|DMD|SMN1|HBB|G6PD|CYP2[CD]\d{1,2}|HLA-[A-Z]{1,3}\d?\*\d{2}(?::\d{2,3})?)"
_HGVS = r"(?-i:[cgmn]\.[*-]?\d{1,7}(?:[+_-]\d{1,7})?(?:[+-]\d{1,5})?(?:[ACGT]{1,20}>[ACGT]{1,20}|del[ACGT]{0,20}|dup[ACGT]{0,20}|ins[ACGT]{1,20}|delins[ACGT]{1,20})|p\.\(?(?:[A-Z][a-z]{2}\d{1,5}(?:[A-Z][a-z]{2}|\*|fs(?:\*\d{1,4})?|del|dup)|[A-Z]\d{1,5}(?:[A-Z]|\*|fs))\)?)"


def _rsid(text: str, start: int, end: int, score: float) -> float:
    """An rsID with a genotype is somebody's; alone it is a place in everybody's genome."""
    if re.search(r"revision|\bsvn|\br$", before(text, start, 12)):
        return 0.0
    return score


GENES = Recognizer("GeneticDataRecognizer", "GENETIC_DATA", (
    Pattern("genotype of an rsID", r"(?<![\w-])(?P<value>(?:rs|i)\d{3,10}[\"']?(?:\s{0,2}[:=,|]\s{0,2}|[\t ]{1,4}|\s?\()[\"']?(?:(?:\d{1,2}|X|Y|MT)[\t ,]{1,4}\d{3,9}[\t ,]{1,4})?(?-i:[ACGT]{2}|[ACGT][;/|][ACGT]|[DI]{2})\)?)(?![A-Za-z])", 0.9),
    Pattern("variant", rf"(?<![\w.])(?P<value>(?:(?-i:NM|NC|NG|NP|LRG)_\d{{4,9}}(?:\.\d{{1,2}})?(?:\([A-Z0-9-]{{2,10}}\))?:|{_GENE}\s{{0,2}}:?)\s?{_HGVS})(?![\w>])", 0.88),
    Pattern("carrier", rf"{START}(?P<value>(?:{_GENE}|(?:sickle[- ]cell|tay-sachs|cystic fibrosis|huntington(?:'s)?|hemophilia|haemophilia|fragile x|lynch syndrome|factor v leiden))(?: gene)?[- ](?:positive|carrier|mutation carrier|mutation positive|pathogenic variant|heterozygo(?:us|te)|homozygo(?:us|te)|e[234]/e[234])){END}", 0.82),
    Pattern("tested", rf"{START}(?:test(?:s|ed)? positive for|carri(?:es|ed)|carrier of|is heterozygous for|is homozygous for|inherited|harbou?rs)\s(?:an?\s|the\s)?(?:pathogenic\s|germline\s|mutated\s)?(?P<value>(?:{_GENE})(?: (?:gene|mutation|variant|allele|deletion)){{0,2}}){END}", 0.82),
    Pattern("karyotype", r"(?<![\w,])(?P<value>(?-i:4[5-9],(?:X{1,4}Y{0,2}|XO|X)(?:,[+-](?:\d{1,2}|mar)|,(?:del|t|inv|dup)\(\d{1,2}(?:;\d{1,2})?\)[^\s,;]{0,24})?))(?![\w,])", 0.75),
    Pattern("test", rf"{START}(?:genetic|dna|genome|paternity|ancestry)[- ]test(?:ing)? results?{SEPARATOR}(?P<value>[^\n.;]{{4,60}})", 0.65),
    Pattern("rsID", r"(?<![\w-])rs\d{4,10}(?![\w-])", 0.4),
), ("genotype", "carrier", "heterozygous", "homozygous", "allele", "alleles", "23andme", "snp"), _rsid)  # fmt: skip

# --- convictions ---------------------------------------------------------------------------------

_OFFENCE = (
    r"(?:(?:an?|the|one count of|two counts of|multiple counts of|attempted|aggravated|armed|domestic|vehicular|sexual|petty|grand|simple|first-degree|second-degree|federal|felony|misdemeanou?r|serious|minor|violent)\s){0,4}"
    r"(?:assaults?|battery|burglary|theft|larceny|robbery|(?:wire |tax |mail |bank |insurance |benefit |credit card )?fraud|murder|manslaughter|homicide|rape|arson|"
    r"(?:drug |cocaine |cannabis |heroin |marijuana |firearms? |weapons? )?(?:possession|trafficking|dealing|offen[cs]es?|charges?)(?: of (?:a )?(?:cocaine|cannabis|heroin|marijuana|drugs|firearm|weapon|child pornography|a controlled substance))?|dui|dwi|"
    r"drunk driving|drink[- ]driving|driving (?:under the influence|while intoxicated|while disqualified)|shoplifting|embezzlement|forgery|perjury|extortion|blackmail|kidnapping|stalking|harassment|"
    r"domestic violence|child (?:abuse|neglect|endangerment)|tax evasion|money laundering|bribery|vandalism|trespass(?:ing)?|disorderly conduct|conspiracy|"
    r"racketeering|smuggling|identity theft|reckless driving|hit[- ]and[- ]run|criminal damage|grievous bodily harm|actual bodily harm|indecent (?:exposure|assault)|"
    r"abuse|offen[cs]es?|prostitution|solicitation|handling stolen goods|felony|misdemeanou?r|crimes?)"
)
CRIME = Recognizer("CriminalRecordRecognizer", "CRIMINAL_RECORD", (
    Pattern("convicted", rf"{START}(?:{_WHO}|who|and|later|previously)\s(?:(?:was|were|is|has been|had been|have been|got|been|twice|previously|later|also)\s){{0,3}}(?P<value>(?:convicted of|found guilty of|arrested (?:for|on)|charged with|indicted (?:for|on)|imprisoned for|jailed for|prosecuted for|cautioned for|wanted for)\s{_OFFENCE}){END}", 0.85),
    Pattern("pleaded", rf"{START}(?P<value>ple(?:d|aded) guilty to\s{_OFFENCE}){END}", 0.82),
    Pattern("sentenced", rf"{START}(?:{_WHO}|who|and|later|subsequently)\s(?:(?:was|were|is|has been|had been|have been|been|later)\s){{0,2}}(?P<value>sentenced to (?:life(?: in prison| imprisonment)?|death|probation|community service|(?:\d{{1,3}}|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty)[- ](?:months?|years?|weeks?|days?)(?:'|’)?(?: (?:in (?:prison|jail|custody)|imprisonment|of probation|probation|in state prison))?)){END}", 0.85),
    Pattern("served", rf"{START}{_WHO}\s(?:has\s|had\s)?(?P<value>(?:served|serving|spent) (?:\d{{1,3}}|an?|one|two|three|four|five|six|seven|eight|nine|ten) (?:months?|years?|weeks?) (?:in (?:prison|jail|custody)|behind bars|for {_OFFENCE})){END}", 0.85),
    Pattern("record", rf"{START}(?:has|had|with|have|having)\s(?:an?\s)?(?P<value>(?:prior |previous |spent |unspent |{{0}})?(?:criminal record|criminal convictions?|felony convictions?|drug convictions?|dui convictions?|convictions? for {_OFFENCE})){END}".replace("{0}", ""), 0.78),
    Pattern("labelled", rf"{START}(?:criminal (?:record|history|convictions?)|prior (?:convictions?|arrests?)|previous convictions?|convictions?|rap sheet|vorstrafen|casier judiciaire){SEPARATOR}(?P<value>(?:yes|\d{{1,2}}\b(?! per)|{_OFFENCE}))(?:\s\(\d{{4}}\))?{END}", 0.8),
    Pattern("released", rf"{START}{_WHO}(?:{_BE})?\s(?:currently\s|still\s)?(?P<value>(?:out )?on (?:parole|probation|bail)|a registered sex offender|a convicted (?:felon|murderer|sex offender|rapist|thief)){END}", 0.8),
), needs=("convict", "guilty", "arrest", "charged with", "indict", "imprison", "jail", "prison", "prosecuted", "cautioned", "wanted for", "sentenced", "behind bars", "custody", "criminal", "rap sheet", "vorstrafen", "casier", "parole", "probation", "bail", "offender", "served", "serving", "spent"))  # fmt: skip

RECOGNIZERS = (ORIGIN, NATION, BELIEF, OPINION, UNION, ORIENTATION, GENES, CRIME)
