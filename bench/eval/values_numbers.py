"""Numbers and codes of the gold set: identifiers, money, health."""

from __future__ import annotations

import hashlib

from fixtures.synthetic import Maker, luhn_digit

_MEDICATIONS = (
    "atorvastatin", "gabapentin", "amlodipine", "sertraline", "omeprazole", "albuterol",
    "levothyroxine", "hydrochlorothiazide", "prednisone", "warfarin", "clopidogrel", "Lantus",
    "Xarelto", "methotrexate", "carvedilol", "escitalopram", "tamsulosin", "furosemide",
)  # fmt: skip
_DIAGNOSES = (
    "atrial fibrillation", "chronic kidney disease", "COPD", "major depressive disorder",
    "rheumatoid arthritis", "breast cancer", "hypothyroidism", "migraine", "epilepsy",
    "congestive heart failure", "pneumonia", "psoriasis", "hepatitis C", "bipolar disorder",
    "sleep apnea", "osteoporosis",
)  # fmt: skip
_ICD = ("I10", "E78.5", "F32.9", "M54.5", "N18.3", "K21.9", "C50.911", "G40.909", "I48.91", "L40.0")
_ROUTING = ("122105278", "071000013", "026009593", "111000025", "121000248", "091000022")
_B58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


class Numbers(Maker):
    """Slots whose value is a number or a code."""

    def some(self, items: tuple[str, ...] | list[str]) -> str:
        """One of `items`."""
        return self.random.choice(items)

    def draw_us_ssn(self, variant: str) -> str:
        area = self.number(100, 664)
        ssn = f"{area}-{self.number(10, 99)}-{self.number(1000, 9998)}"
        return ssn.replace("-", "") if variant == "plain" else ssn

    def draw_us_itin(self, _: str) -> str:
        return f"9{self.digits(2)}-{self.number(70, 88)}-{self.number(1000, 9999)}"

    def draw_medical_record_number(self, _: str) -> str:
        return self.pick(self.mrn(), f"{self.number(1, 9)}{self.digits(6)}", f"H{self.digits(8)}")

    def draw_us_mbi(self, _: str) -> str:
        return self.pick(self.mbi(), self.mbi().replace("-", ""))

    def draw_health_plan_id(self, _: str) -> str:
        return self.letters(3, "ABDGHWXZ") + self.digits(9)

    def draw_account_number(self, _: str) -> str:
        return self.pick(
            f"{self.number(1, 9)}{self.digits(9)}", f"{self.digits(4)}-{self.digits(6)}"
        )

    def draw_medical_license(self, _: str) -> str:
        return self.dea()

    def draw_us_npi(self, _: str) -> str:
        return self.npi()

    def draw_certificate_number(self, _: str) -> str:
        return self.pick(f"{self.letters(2, 'CLNRT')}{self.digits(6)}", f"{self.digits(7)}")

    def draw_us_driver_license(self, _: str) -> str:
        return self.pick(f"{self.letters(1, 'BFKMRT')}{self.digits(7)}", f"{self.digits(8)}")

    def draw_us_passport(self, _: str) -> str:
        return self.pick(f"{self.number(4, 6)}{self.digits(8)}", f"A{self.digits(8)}")

    def draw_vin(self, _: str) -> str:
        return self.vin()

    def draw_license_plate(self, _: str) -> str:
        return self.plate()

    def draw_device_serial(self, variant: str) -> str:
        if variant == "imei":
            body = "35" + self.digits(12)
            return body + luhn_digit(body)
        return f"{self.letters(3, 'BDKLSTZ')}{self.digits(7)}{self.letters(1, 'ACX')}"

    def draw_biometric_reference(self, _: str) -> str:
        return f"{self.letters(2, 'BFTX')}-{self.digits(7)}"

    def draw_unique_code(self, _: str) -> str:
        return self.pick(f"{self.letters(2, 'CEQSW')}-{self.digits(7)}", f"{self.digits(8)}")

    def draw_uuid(self, _: str) -> str:
        return self.uuid()

    def draw_employee_id(self, _: str) -> str:
        return self.pick(
            f"{self.letters(1, 'EPW')}{self.digits(6)}", f"{self.number(1, 9)}{self.digits(5)}"
        )

    def _pan(self) -> tuple[str, tuple[int, ...]]:
        prefix, length, groups = self.random.choice(
            [
                ("4", 16, (4, 4, 4, 4)),
                ("53", 16, (4, 4, 4, 4)),
                ("37", 15, (4, 6, 5)),
                ("2223", 16, (4, 4, 4, 4)),
            ]
        )
        body = prefix + self.digits(length - len(prefix) - 1)
        return body + luhn_digit(body), groups

    def draw_credit_card(self, variant: str) -> str:
        pan, groups = self._pan()
        separator = {"plain": "", "dashed": "-"}.get(variant, self.pick(" ", " ", "-", ""))
        at, parts = 0, []
        for size in groups:
            parts.append(pan[at : at + size])
            at += size
        return separator.join(parts)

    def draw_cvv(self, _: str) -> str:
        return str(self.number(101, 989))

    def draw_card_expiry(self, _: str) -> str:
        return f"{self.number(1, 12):02d}/{self.number(27, 34)}"

    def draw_card_pin(self, _: str) -> str:
        return self.pick(f"{self.number(1300, 9870)}")

    def draw_track_data(self, variant: str) -> str:
        pan = self.draw_credit_card("plain")
        if variant == "one":
            name = (
                f"{self.pick('MENSAH', 'NOVAK', 'IYER')}/{self.pick('AMA', 'PETR', 'RAVI')}".upper()
            )
            return f"%B{pan}^{name}^3012101{self.digits(8)}?"
        return f";{pan}=3012101{self.digits(10)}?"

    def draw_iban_code(self, variant: str) -> str:
        country, size = self.random.choice(
            [("DE", 18), ("AT", 16), ("CH", 17), ("ES", 20), ("BE", 12)]
        )
        account = self.digits(size)
        number = account + "".join(str(ord(c) - 55) for c in country) + "00"
        iban = f"{country}{98 - int(number) % 97:02d}{account}"
        if variant == "plain":
            return iban
        spaced = " ".join(iban[i : i + 4] for i in range(0, len(iban), 4))
        return self.pick(iban, spaced)

    def draw_us_bank_number(self, _: str) -> str:
        return f"{self.number(1, 9)}{self.digits(self.number(8, 11))}"

    def draw_aba_routing_number(self, _: str) -> str:
        return self.some(_ROUTING)

    def draw_crypto(self, _: str) -> str:
        payload = b"\0" + self.random.randbytes(20)
        payload += hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]
        number, text = int.from_bytes(payload, "big"), ""
        while number:
            number, digit = divmod(number, 58)
            text = _B58[digit] + text
        return "1" * (len(payload) - len(payload.lstrip(b"\0"))) + text

    def draw_medication(self, _: str) -> str:
        return self.some(_MEDICATIONS)

    def draw_diagnosis(self, _: str) -> str:
        return self.some(_DIAGNOSES)

    def draw_icd10_code(self, variant: str) -> str:
        return self.some(_ICD[1:] if variant == "dotted" else _ICD)

    def draw_lab_result(self, variant: str) -> str:
        if variant == "vital":
            return f"BP {self.number(104, 178)}/{self.number(58, 98)}"
        return self.pick(
            f"creatinine {self.number(0, 2)}.{self.number(1, 9)} mg/dL",
            f"hemoglobin {self.number(8, 16)}.{self.number(0, 9)} g/dL",
            f"glucose {self.number(70, 240)} mg/dL",
            f"potassium {self.number(3, 5)}.{self.number(0, 9)} mmol/L",
        )

    def draw_ndc_code(self, _: str) -> str:
        return self.pick(
            f"{self.digits(5)}-{self.digits(3)}-{self.digits(2)}",
            f"{self.digits(5)}-{self.digits(4)}-{self.digits(1)}",
            f"{self.digits(4)}-{self.digits(4)}-{self.digits(2)}",
        )

    def draw_procedure_code(self, variant: str) -> str:
        if variant == "hcpcs":
            return self.pick("J0696", "G0439", "A4253", "E0601", "J3420")
        return self.pick("99214", "99203", "71046", "93000", "80053", "36415")

    def draw_us_ssn_last4(self, _: str) -> str:
        return f"{self.number(1000, 9998)}"

    def draw_us_hicn(self, _: str) -> str:
        return f"{self.number(100, 664)}-{self.number(10, 99)}-{self.number(1000, 9998)}{self.pick('A', 'B', 'D')}"

    def draw_student_id(self, _: str) -> str:
        return self.pick(
            f"{self.letters(1, 'SUN')}{self.digits(7)}", f"{self.number(1, 9)}{self.digits(7)}"
        )

    def draw_immigration_number(self, variant: str) -> str:
        if variant == "receipt":
            return f"{self.pick('EAC', 'WAC', 'LIN', 'MSC')}{self.number(18, 26)}{self.digits(8)}"
        return f"A{self.number(2, 9)}{self.digits(8)}"

    def draw_username(self, _: str) -> str:
        return self.pick(
            f"nightowl{self.number(10, 999)}",
            f"r_keeler{self.number(10, 99)}",
            f"lena.{self.digits(4)}",
        )
