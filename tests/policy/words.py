"""The vocabulary of these tests: the agreed entity names and classes, without the detector."""

from __future__ import annotations

from gatekeeper.model import Vocabulary

_IDENTIFIER = """
    PERSON PHONE_NUMBER FAX_NUMBER EMAIL_ADDRESS US_SSN US_ITIN US_PASSPORT US_DRIVER_LICENSE
    MEDICAL_RECORD_NUMBER US_MBI HEALTH_PLAN_ID ACCOUNT_NUMBER MEDICAL_LICENSE US_NPI
    CERTIFICATE_NUMBER VIN LICENSE_PLATE DEVICE_SERIAL MAC_ADDRESS IP_ADDRESS BIOMETRIC_REFERENCE
    UNIQUE_CODE STREET_ADDRESS US_ZIP GEO_COORDINATE DATE_OF_BIRTH CARE_DATE AGE_OVER_89
"""
_CLASSES = {
    "identifier": _IDENTIFIER,
    "personal": _IDENTIFIER,
    "online": "URL IP_ADDRESS",
    "unique_code": "UUID",
    "opaque": "IMAGE_PRESENT IMAGE_URL AUDIO_PRESENT FILE_PRESENT",
    "quasi": "LOCATION DATE_TIME ORGANIZATION AGE NRP",
    "special_category": "NRP",
    "financial": """
        CREDIT_CARD IBAN_CODE US_BANK_NUMBER ABA_ROUTING_NUMBER CRYPTO CARD_EXPIRY CVV CARD_PIN
        TRACK_DATA
    """,
    "sensitive_authentication": "CVV CARD_PIN TRACK_DATA",
    "health": "ICD10_CODE MEDICATION DIAGNOSIS LAB_RESULT NDC_CODE PROCEDURE_CODE",
    "legal": """
        PRIVILEGE_MARKING WORK_PRODUCT_MARKING COMMON_INTEREST_MARKING SEALED_MARKING
        PROTECTIVE_ORDER_MARKING SETTLEMENT_TERMS DOCKET_NUMBER BATES_NUMBER BAR_NUMBER
        MATTER_NUMBER MINOR_REFERENCE
    """,
    "secret": """
        PRIVATE_KEY AWS_ACCESS_KEY AWS_SECRET_KEY GITHUB_TOKEN GITLAB_TOKEN SLACK_TOKEN STRIPE_KEY
        GOOGLE_API_KEY OPENAI_API_KEY ANTHROPIC_API_KEY HUGGINGFACE_TOKEN JWT BASIC_AUTH_URL
        DB_CONNECTION_STRING PASSWORD_ASSIGNMENT GENERIC_API_KEY
    """,
    "internal": """
        INTERNAL_HOST PRIVATE_IP UNC_PATH STORAGE_BUCKET CONFIDENTIALITY_MARKING TLP_MARKING
        EMPLOYEE_ID
    """,
}

WORDS = Vocabulary(
    entities=frozenset(name for names in _CLASSES.values() for name in names.split()),
    classes={name: frozenset(names.split()) for name, names in _CLASSES.items()},
    derived={"phi": ("identifier", "health"), "special": ("special_category", "identifier")},
    digest="sha256:" + "0" * 64,
)
