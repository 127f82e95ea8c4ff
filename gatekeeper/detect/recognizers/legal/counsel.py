"""Counsel and advice in one sentence: what makes a message an attorney-client communication.

Somebody who asks a forum, or an assistant, for legal advice has no counsel in the sentence; news that
somebody declined to speak "on the advice of counsel" are no communication with one.
"""

from __future__ import annotations

from gatekeeper.detect.recognizers.legal.topic import about
from gatekeeper.detect.recognizers.spec import END, START, Pattern, Recognizer

_COUNSEL = (
    r"(?:(?:our|your|my|outside|in-house|general|inside|corporate|litigation|patent|employment|defen[sc]e|the company['’]s) "
    r"(?:outside |general |in-house |litigation |patent |legal )?(?:counsel|attorneys?|lawyers?|solicitors?|legal (?:team|department)|law firm))"
)
_ADVISE = (
    r"(?:(?:has |have |had |also |strongly |formally |now ){0,2}(?:advis(?:es|ed)|recommend(?:s|ed)|opin(?:es|ed)|warn(?:s|ed)|cautioned|instructed|counsel(?:s|l?ed)|"
    r"told|suggest(?:s|ed)|conclud(?:es|ed)|believes?|thinks?))"
)
_US = r"(?:us|me|the (?:company|board|client|committee|team)|you|against|that|not to|to)"


def _sent(text: str, start: int, end: int, score: float) -> float:
    return 0.4 if about(text, start, end) else score


RECOGNIZERS = (
    Recognizer("CounselRecognizer", "ATTORNEY_CLIENT_COMMUNICATION", (
        Pattern("counsel advised", rf"{START}{_COUNSEL}(?: \([A-Z]{{2,5}}\))? {_ADVISE} {_US}{END}", 0.75),
        Pattern("as your attorney", rf"{START}(?:as|in my (?:role|capacity) as) (?:your|the company['’]s) (?:outside |general |legal )?(?:attorney|counsel|lawyer|solicitor)s?,? (?:I|we|it is|my|our){END}", 0.8),
        Pattern("my advice", rf"{START}(?:my|our) (?:legal )?(?:advice|opinion|recommendation) (?:as (?:your )?(?:counsel|attorney|lawyer)|to the (?:client|company|board)){END}", 0.75),
        Pattern("you asked", rf"{START}you(?:['’]ve| have)? (?:asked|requested|sought) (?:me |us |for )?(?:(?:for )?(?:our|my|this firm['’]s) (?:legal )?(?:advice|opinion|analysis)|(?:for )?legal advice|(?:us|me) to advise){END}", 0.75),
        Pattern("asked counsel", rf"{START}(?:(?:I|we) (?:am|are)|I['’]m|we['’]re) (?:writing|reaching out|asking)[^.\n?]{{0,40}}?(?:for|seeking|to (?:request|seek|obtain)) (?:your )?legal advice (?:from you )?(?:as (?:our|my) (?:counsel|attorney|lawyer)|regarding (?:our|the company)|on behalf of){END}", 0.8),
        Pattern("for legal advice", rf"{START}for the purpose of (?:obtaining|seeking|providing|rendering|requesting|giving) legal advice{END}", 0.75),
        Pattern("advised by counsel", rf"{START}(?:we|I)(?:['’]ve| have|['’]re| are|['’]m| am| were| was)? (?:been |being )?(?:advised|told|instructed|warned) by (?:our |my |outside |general |in-house |the company['’]s ){{1,2}}(?:legal )?(?:counsel|attorneys?|lawyers?|solicitors?){END}", 0.75),
        Pattern("per counsel", rf"{START}(?:per|according to|based on (?:the )?(?:advice|guidance|opinion) (?:of|from)|on (?:the )?advice of) (?:our|my|outside|general|in-house)(?: outside| general| in-house| litigation| legal)? (?:counsel|attorneys?|lawyers?|solicitors?)(?=[,.;:\s])", 0.65),
        Pattern("attorney to client", rf"{START}(?:advice|communication|memo(?:randum)?|e-?mail|letter) (?:from|of|by) (?:our |outside |legal |in-house |general ){{0,2}}(?:counsel|attorney)s? to (?:the |our |his |her )?(?:client|board|company|management){END}", 0.65),
    ), check=_sent, needs=("counsel", "attorney", "lawyer", "solicitor", "legal", "advice")),
)  # fmt: skip
