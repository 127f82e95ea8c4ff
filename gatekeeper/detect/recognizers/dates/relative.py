"""Dates told from another day, weekdays, days of this month, holidays and clock times.

A day reckoned from somebody's own admission is a date of that person; one reckoned from today or
from an operation in general is a guess, for every leaflet says `two weeks after surgery`.
"""

from __future__ import annotations

from gatekeeper.detect.recognizers.dates.words import (
    AT_CLOCK,
    CLOCK,
    NUMBER_WORD,
    WHOLE_WEEKDAY,
    YEAR,
)
from gatekeeper.detect.recognizers.spec import END, START, Pattern, Recognizer

_CARE = (
    "patient", "pt", "admitted", "discharged", "seen", "appointment", "visit", "surgery", "clinic",
    "hospital", "procedure", "he", "she", "her", "his",
)  # fmt: skip
_SPAN = rf"(?:\d{{1,3}}|{NUMBER_WORD})(?:\s(?:and\sa\shalf))?[\s-](?:hours?|days?|nights?|weeks?|wks?|months?|years?)"
_EVENT = (
    r"(?:admission|discharge|hospitali[sz]ation|readmission|surgery|operation|procedure|delivery|birth|"
    r"death|diagnosis|transfer|arrival|injury|fall|accident|stroke|transplant|enrol?lment|intubation|"
    r"extubation|biopsy|arrest|sentencing|hire|termination|departure|visit|appointment)"
)
_WHEN = r"(?:after|before|following|prior\sto|post|since|from)"
_OWN = r"(?:her|his|their|my|our|the\spatient['’]s|pt['’]?s|the\schild['’]s|the\smother['’]s|[A-Z][a-z]{1,20}['’]s)"
_RELATIVE = (
    Pattern("from one's own event", rf"{START}(?:{_SPAN}|the\s(?:day|night|morning|week|month))\s{_WHEN}\s{_OWN}\s(?:\w{{2,15}}\s){{0,2}}{_EVENT}{END}", 0.65),
    Pattern("from admission or discharge", rf"{START}(?:\d{{1,3}}|{NUMBER_WORD})\s(?:hours?|days?|nights?|weeks?|wks?|months?)\s{_WHEN}\s(?:re)?(?:admission|discharge|hospitali[sz]ation|transfer){END}", 0.6),
)  # fmt: skip
_HOLIDAY = (
    r"(?:christmas(?:\s(?:day|eve))?|xmas(?:\s(?:day|eve))?|new\syear['’]?s?(?:\s(?:day|eve))?|thanksgiving(?:\s(?:day|weekend))?|"
    r"easter(?:\s(?:sunday|monday))?|good\sfriday|ash\swednesday|palm\ssunday|halloween|valentine['’]?s?\sday|"
    r"(?:st\.?|saint)\spatrick['’]?s\sday|mother['’]?s['’]?\sday|father['’]?s['’]?\sday|memorial\sday|labou?r\sday|"
    r"independence\sday|veterans['’]?\sday|columbus\sday|presidents?['’]?\sday|martin\sluther\sking\s(?:jr\.?\s)?day|mlk\sday|"
    r"juneteenth|cinco\sde\smayo|boxing\sday|bastille\sday|canada\sday|australia\sday|diwali|hanukkah|"
    r"rosh\shashanah|yom\skippur|passover|ramadan|eid(?:\sal[- ](?:fitr|adha))?|holi|lunar\snew\syear|chinese\snew\syear|"
    r"super\sbowl\ssunday|black\sfriday|groundhog\sday|all\ssaints['’]?\sday|guy\sfawkes\snight|pentecost|epiphany)"
)
_STOPS = r"(?=\s{0,2}(?:[.,;:!?)\"'\n|]|$|(?:at|and|or|to|for|from|of\sthis|of\snext|of\slast|in\sthe|please|around|until|through|is|was|works?|would|with)\b))"
_DAY_OF = r"(?:3[01]|[12]\d|[1-9])(?:st|nd|rd|th)"
_NEXT = r"(?:next|last|this|this\scoming|this\spast|the\sfollowing|the\snext|the\sprevious)"

RECOGNIZERS = (
    Recognizer("RelativeDateRecognizer", "DATE_TIME", _RELATIVE),
    Recognizer("RelativeGuessRecognizer", "DATE_TIME", (
        Pattern("from an event", rf"{START}{_SPAN}\s(?:after|before|following|prior\sto)\s(?:the\s)?{_EVENT}{END}", 0.4),
        Pattern("from now", rf"{START}{_SPAN}\s(?:ago|earlier|later|from\snow|from\stoday){END}", 0.35),
        Pattern("today", START + r"(?:the\s)?(?:day\s(?:after\stomorrow|before\syesterday)|(?:later\s)?today|tomorrow|yesterday|tonight)(?:\s(?:morning|afternoon|evening|night))?" + END, 0.3),
    )),
    Recognizer("DayOfStayRecognizer", "DATE_TIME", (
        Pattern("day of a stay", START + r"(?:post[- ]?op(?:erative)?\sday|hospital\sday|POD|HOD|day\sof\slife|DOL)\s?\#?\s?(?:\d{1,3}|one|two|three|four|five|six|seven)" + END, 0.45),
        Pattern("day of admission", START + r"day\s(?:\d{1,3}|one|two|three|four|five|six|seven)\sof\s(?:admission|(?:her|his|the)\s(?:hospital\s)?(?:stay|admission|hospitali[sz]ation))" + END, 0.5),
    ), ("patient", "pt", "he", "she", "her", "his", "mr", "mrs", "ms")),
    Recognizer("WeekdayRecognizer", "DATE_TIME", (
        Pattern("this or next", rf"{START}{_NEXT}\s{WHOLE_WEEKDAY}{AT_CLOCK}|{START}{WHOLE_WEEKDAY}\s(?:this|next|last)\sweek{AT_CLOCK}", 0.45),
        Pattern("bare", rf"{START}{WHOLE_WEEKDAY}(?:\s(?:morning|afternoon|evening|night))?{AT_CLOCK}", 0.3),
    ), _CARE, needs=("day",)),
    Recognizer("DayOfMonthRecognizer", "DATE_TIME", (
        Pattern("of this month", rf"{START}(?:the\s)?(?P<value>{_DAY_OF}\sof\s(?:this|next|last|the|that|the\s(?:same|next|following))\smonth){AT_CLOCK}{END}", 0.7),
        Pattern("the nth", rf"{START}(?:on|by|until|till|before|after|from|for|since|to)\s(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s)?(?P<value>the\s{_DAY_OF}){_STOPS}", 0.6),
        Pattern("weekday, the nth", rf"{START}{WHOLE_WEEKDAY},?\s(?:the\s)?{_DAY_OF}{END}", 0.65),
        Pattern("the nth", rf"{START}(?P<value>the\s{_DAY_OF})(?=\s?[.!?\n]|\s?$)", 0.5),
    ), ("date", "day", "week", "month", "appointment", "book", "reservation"), needs=("st", "nd", "rd", "th")),
    Recognizer("HolidayRecognizer", "DATE_TIME", (
        Pattern("with a year", rf"{START}{_HOLIDAY},?\s(?:of\s|in\s)?{YEAR}{END}", 0.7),
        Pattern("in words", START + r"(?:the\s)?fourth\sof\sjuly" + END, 0.6),
        Pattern("on", rf"{START}(?:on|since|until|by|before|after|last|around|over)\s(?P<value>{_HOLIDAY}){END}", 0.4),
    ), ("patient", "pt", "admitted", "discharged", "seen", "surgery", "hospital", "visit", "clinic", "fell", "died"), needs=("day", "christmas", "xmas", "year", "thanks", "easter", "eid", "eve", "hallo", "july", "juneteenth", "diwali", "hanukkah", "rosh", "kippur", "passover", "ramadan", "holi", "mayo", "pentecost", "epiphany", "fawkes")),
    Recognizer("SeasonRecognizer", "DATE_TIME", (
        Pattern("season", rf"{START}(?:spring|summer|autumn|fall|winter|(?:the\s)?(?:1st|2nd|3rd|4th|first|second|third|fourth|last)\squarter|Q[1-4])(?:\sof)?\s{YEAR}{END}", 0.35),
    ), needs=("spring", "summer", "autumn", "fall", "winter", "quarter", "q1", "q2", "q3", "q4")),
    Recognizer("ClockRecognizer", "DATE_TIME", (
        Pattern("clock", r"(?<![\w.,:/$-])" + CLOCK, 0.3),
    ), needs=(":", "am", "pm", ".m", "noon", "midnight", "hours", "hrs")),
)  # fmt: skip
