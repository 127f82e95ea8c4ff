"""The states of the US, which Safe Harbor lets stand (45 CFR 164.514(b)(2)(i)(B))."""

from __future__ import annotations

from gatekeeper.detect.lazy import lazy

STATES = (
    r"AL|AK|AZ|AR|CA|CO|CT|DE|DC|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|"
    r"NM|NY|NC|ND|OH|OK|OR|PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|PR|GU|VI"
)
STATE_NAMES = (
    r"Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|"
    r"Idaho|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|"
    r"Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|"
    r"New York|North Carolina|North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode Island|"
    r"South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington|West Virginia|"
    r"Wisconsin|Wyoming"
)
_A_STATE = lazy(rf"(?:(?:{STATES})|(?i:{STATE_NAMES}))\Z")


def is_state(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]` is a US state: Safe Harbor lets those stand
    (45 CFR 164.514(b)(2)(i)(B), "smaller than a State").
    """
    return bool(_A_STATE.match(text[start:end].strip(" .,")))
