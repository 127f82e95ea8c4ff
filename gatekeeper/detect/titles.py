"""The title before a name, which belongs to it: "Captain Lennox", "Mr. Ilhan", "US President X".

A title narrows down who is meant, and gold schemes that were made for anonymisation count it in
(Pilán et al. 2022, the Text Anonymization Benchmark). The name model does without it: it is a cue
there.
"""

from __future__ import annotations

from gatekeeper.detect.lazy import lazy

LOOK_BACK = 40
"""Code points before a name in which a title is looked for."""

_SHORT = (
    r"(?i:mr|mrs|ms|mx|miss|dr|prof|messrs|mme|mlle|herr|frau|se[ñn]or|se[ñn]ora|monsieur|madame)"
)
_RANK = (
    r"Sir|Dame|Lord|Lady|Baron(?:ess)?|Count(?:ess)?|Duke|Duchess|Earl|King|Queen|Prince(?:ss)?|Emperor"
    r"|Empress|Sultan|Sheikh|Master|Mistress|Madam|Mister|Doctor|Professor|Nurse|Judge|Justice"
    r"|Magistrate|Attorney|Counsel|Inspector|Detective|Constable|Officer|Sheriff|Sergeant|Corporal"
    r"|Private|Lieutenant|Captain|Major|Colonel|General|Admiral|Commander|Commodore|Marshal|President"
    r"|Chancellor|Premier|Minister|Secretary|Senator|Congress(?:man|woman)|Representative|Governor"
    r"|Mayor|Councill?or|Ambassador|Chairman|Chairwoman|Reverend|Father|Brother|Sister|Mother|Bishop"
    r"|Archbishop|Cardinal|Pope|Rabbi|Imam|Pastor|Deacon|Saint|Aunt|Auntie|Uncle|Grandma|Grandpa"
    r"|Cousin|Coach|Director|Dean"
    r"|(?:Sgt|Cpl|Pvt|Lt|Capt|Maj|Col|Gen|Adm|Sen|Rep|Gov|Rev|Fr|St|Hon)\.?"
)
_BEFORE_RANK = (
    r"(?:(?:Vice|Deputy|Prime|First|Chief|Attorney|Lieutenant|Major|Brigadier|Former|Right|U\.?S\.?)"
    r"[ -]){0,2}"
)
_TITLE = lazy(
    rf"(?<![\w.@/#-])(?:{_SHORT}\.?[ \u00a0]?|{_BEFORE_RANK}(?:{_RANK})[ \u00a0]){{1,2}}\Z"
)
"""One or two titles that end where a name begins; only the short ones in any case."""


_LEADING = lazy(rf"(?:{_SHORT}\.?[ \u00a0]?|{_BEFORE_RANK}(?:{_RANK})[ \u00a0]){{1,2}}(?=\w)")


def titled(text: str, start: int, end: int) -> tuple[int, int]:
    """The span of a person's name with the titles that stand before it."""
    found = _TITLE.search(text, max(0, start - LOOK_BACK), start)
    if found is None or (found[0][-1:].isalpha()):
        return start, end
    return found.start(), end


def untitled(text: str, start: int, end: int) -> int:
    """Where the name begins in a span that may begin with its titles."""
    found = _LEADING.match(text, start, end)
    return found.end() if found and text[found.end() - 1] in " \u00a0." else start
