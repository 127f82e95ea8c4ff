"""Markings, legal numbers, secrets and the inside of a house, for the gold set."""

from __future__ import annotations

import hashlib
import lzma
from pathlib import Path

from fixtures.synthetic import BASE62, Maker

_BIP39 = Path(__file__).parents[2] / "gatekeeper" / "detect" / "data" / "bip39.xz"


class House(Maker):
    """Slots of legal papers, code and configuration."""

    def draw_privilege_marking(self, variant: str) -> str:
        if variant == "inline":
            return self.pick(
                "protected by the attorney-client privilege", "attorney-client privileged"
            )
        return self.pick(
            "PRIVILEGED & CONFIDENTIAL",
            "ATTORNEY-CLIENT COMMUNICATION",
            "PRIVILEGED AND CONFIDENTIAL",
        )

    def draw_work_product_marking(self, variant: str) -> str:
        if variant == "inline":
            return "prepared in anticipation of litigation"
        return self.pick("ATTORNEY WORK PRODUCT", "PROTECTED WORK PRODUCT", "ATTORNEY WORK-PRODUCT")

    def draw_common_interest_marking(self, variant: str) -> str:
        if variant == "inline":
            return self.pick("common interest agreement", "joint defense agreement")
        return self.pick("COMMON INTEREST PRIVILEGE", "JOINT DEFENSE PRIVILEGE")

    def draw_sealed_marking(self, _: str) -> str:
        return self.pick("FILED UNDER SEAL", "SEALED BY COURT ORDER")

    def draw_protective_order_marking(self, variant: str) -> str:
        if variant == "inline":
            return self.pick("Attorneys' Eyes Only", "Highly Confidential - Attorneys' Eyes Only")
        return self.pick(
            "CONFIDENTIAL - SUBJECT TO PROTECTIVE ORDER",
            "HIGHLY CONFIDENTIAL - ATTORNEYS' EYES ONLY",
            "OUTSIDE COUNSEL ONLY",
        )

    def draw_settlement_terms(self, variant: str) -> str:
        amount = f"${self.number(20, 900)},000"
        if variant == "amount":
            return f"settlement payment of {amount}"
        return "confidential settlement agreement"

    def draw_docket_number(self, variant: str) -> str:
        if variant == "appeal":
            return f"{self.number(18, 26)}-{self.number(1001, 9998)}"
        if variant == "state":
            return f"{self.number(2012, 2026)}-CV-{self.digits(5)}"
        kind, judge = self.pick("cv", "cr", "mc", "mj"), self.pick("", "-" + self.letters(3))
        return f"{self.number(1, 8)}:{self.number(12, 26)}-{kind}-{self.digits(5)}{judge}"

    def draw_bates_number(self, _: str) -> str:
        return f"{self.pick('FRMT', 'KSTRL', 'PLTF')}{self.pick('', '-', '_')}{self.digits(7)}"

    def draw_bar_number(self, _: str) -> str:
        return str(self.number(102000, 339999))

    def draw_matter_number(self, _: str) -> str:
        return f"{self.number(10000, 89999)}.{self.number(1, 400):04d}"

    def draw_minor_reference(self, variant: str) -> str:
        if variant == "gal":
            return "guardian ad litem"
        return f"{self.letters(1)}.{self.letters(1)}., a minor"

    def draw_aws_access_key(self, _: str) -> str:
        return self.aws_key_id()

    def draw_aws_secret_key(self, _: str) -> str:
        return self.aws_secret()

    def draw_github_token(self, _: str) -> str:
        return self.github_token()

    def draw_gitlab_token(self, _: str) -> str:
        return self.gitlab_token()

    def draw_slack_token(self, _: str) -> str:
        return self.slack_token()

    def draw_stripe_key(self, _: str) -> str:
        return self.stripe_key()

    def draw_google_api_key(self, _: str) -> str:
        return self.google_key()

    def draw_openai_api_key(self, _: str) -> str:
        return self.openai_key()

    def draw_anthropic_api_key(self, _: str) -> str:
        return self.anthropic_key()

    def draw_huggingface_token(self, _: str) -> str:
        return self.huggingface_token()

    def draw_jwt(self, _: str) -> str:
        return self.jwt()

    def draw_private_key(self, _: str) -> str:
        return self.private_key()

    def draw_basic_auth_url(self, _: str) -> str:
        return f"https://{self.pick('ci', 'deploy', 'bot')}:{self.token(14)}@{self.pick('pkgs', 'mirror')}.example.com"

    def draw_db_connection_string(self, _: str) -> str:
        return self.db_url("db.example.com")

    def draw_password_assignment(self, _: str) -> str:
        return self.password()

    def draw_generic_api_key(self, _: str) -> str:
        return self.token(32)

    def draw_internal_host(self, _: str) -> str:
        return f"{self.pick('vault', 'ldap', 'grafana', 'nexus')}{self.number(1, 40):02d}.{self.pick('corp.internal', 'prod.corp', 'eng.local', 'dc1.lan')}"

    def draw_private_ip(self, variant: str) -> str:
        if variant == "home":
            return f"192.168.{self.number(0, 250)}.{self.number(2, 250)}"
        return self.pick(
            self.private_ip(),
            f"172.{self.number(16, 31)}.{self.number(0, 250)}.{self.number(2, 250)}",
        )

    def draw_unc_path(self, _: str) -> str:
        return rf"\\{self.pick('fileserver', 'nas02', 'corp-fs1')}\{self.pick('hr', 'budget', 'legal')}\{self.number(2019, 2026)}\{self.pick('plan', 'draft')}.docx"

    def draw_storage_bucket(self, _: str) -> str:
        return f"{self.pick('s3', 'gs')}://{self.pick('kestrel', 'fairmont')}-{self.pick('exports', 'raw', 'backups')}/{self.number(2019, 2026)}/"

    def draw_confidentiality_marking(self, _: str) -> str:
        return self.pick(
            "CONFIDENTIAL - INTERNAL USE ONLY",
            "COMPANY CONFIDENTIAL",
            "FOR INTERNAL USE ONLY",
            "STRICTLY CONFIDENTIAL",
        )

    def draw_tlp_marking(self, _: str) -> str:
        return self.pick("TLP:RED", "TLP:AMBER", "TLP:AMBER+STRICT")

    def draw_nda_marking(self, _: str) -> str:
        return self.pick(
            "CONFIDENTIAL - SUBJECT TO NDA", "UNDER NDA", "SUBJECT TO NON-DISCLOSURE AGREEMENT"
        )

    def draw_trade_secret_marking(self, _: str) -> str:
        return self.pick(
            "CONFIDENTIAL TRADE SECRET", "CONTAINS TRADE SECRETS", "TRADE SECRET - CONFIDENTIAL"
        )

    def draw_export_control_marking(self, _: str) -> str:
        return self.pick("ITAR CONTROLLED", "EXPORT CONTROLLED", "EAR CONTROLLED")

    def draw_cloud_key(self, _: str) -> str:
        return "dop_" + "v1_" + self.letters(64, "0123456789abcdef")

    def draw_ci_token(self, _: str) -> str:
        return "hv" + "s." + self.token(28)

    def draw_package_token(self, _: str) -> str:
        """The last six characters are the CRC-32 of the 30 before them, in base 62."""
        return self.github_token().replace("gh" + "p_", "np" + "m_")

    def draw_llm_api_key(self, _: str) -> str:
        return "gs" + "k_" + self.token(52)

    def draw_saas_token(self, _: str) -> str:
        return "S" + "G." + self.token(22) + "." + self.token(43)

    def draw_hashed_password(self, _: str) -> str:
        return f"$2b${self.pick('10', '12')}$" + self.token(53, BASE62 + "./")

    def draw_session_cookie(self, _: str) -> str:
        return self.token(32)

    def draw_seed_phrase(self, _: str) -> str:
        """Twelve words whose last holds the first bits of the digest (BIP-39)."""
        entropy = self.random.randbytes(16)
        bits = (
            f"{int.from_bytes(entropy, 'big'):0128b}{hashlib.sha256(entropy).digest()[0] >> 4:04b}"
        )
        words = lzma.decompress(_BIP39.read_bytes()).decode().split()
        return " ".join(words[int(bits[i : i + 11], 2)] for i in range(0, 132, 11))
