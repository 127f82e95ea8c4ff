"""Markings, legal numbers, secrets and the inside of a house, for the gold set."""

from __future__ import annotations

from fixtures.synthetic import Maker


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
