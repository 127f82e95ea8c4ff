"""Tokens of services, by the prefixes, lengths and checks that their issuers document."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
import zlib
from collections import Counter

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.recognizers.spec import Pattern, Recognizer, one

LEFT, RIGHT = r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt]))", r"(?![A-Za-z0-9])"
SAMPLE = lazy(
    r"example|sample|dummy|placeholder|your|changeme|change_me|xxxx|\*\*\*|\.\.\.|redacted|insert|replace|"
    r"1234567890|abcdef|foobar|<|>|\$\{|\{\{|todo|fake",
    re.IGNORECASE,
)
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def entropy(value: str) -> float:
    """Shannon entropy in bits per character."""
    counts = Counter(value)
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())


def real(text: str, start: int, end: int, score: float) -> float:
    """What documentation prints as a sample is only possible."""
    value = text[start:end]
    return 0.35 if SAMPLE.search(value) or entropy(value) < 2.8 else score


def _checked(text: str, start: int, end: int, score: float) -> float:
    """Classic GitHub and npm tokens end with the CRC-32 of the 30 characters before, in base 62.

    A token whose check is wrong opens nothing, but it may be a live one mistyped: it stays likely.
    """
    score = real(text, start, end, score)
    body = text[start:end].partition("_")[2]
    if len(body) != 36 or score < 0.9:
        return score
    crc = 0
    for character in body[30:]:
        crc = crc * 62 + _BASE62.index(character)
    return 0.99 if crc == zlib.crc32(body[:30].encode()) else 0.75


def key(name: str, entity: str, *patterns: str, needs: tuple[str, ...] = (), score: float = 0.95,
        checked: bool = False) -> Recognizer:  # fmt: skip
    """Tokens of one issuer; `needs` are literals of which each of them has one."""
    made = tuple(
        Pattern(f"form {n}", LEFT + p + RIGHT, score, needs) for n, p in enumerate(patterns, 1)
    )
    return Recognizer(name, entity, made, check=_checked if checked else real, ignore_case=False)


def _group(name: str, entity: str, *issuers: tuple[str, str, str]) -> Recognizer:
    """Tokens of many issuers under one entity: (issuer, literal in every one of them, form)."""
    made = tuple(
        Pattern(issuer, LEFT + form + RIGHT, 0.95, (needs,)) for issuer, needs, form in issuers
    )
    return Recognizer(name, entity, made, check=_checked, ignore_case=False)


def _jwt(text: str, start: int, end: int, score: float) -> float:
    """The first part is the JSON of a JOSE header (RFC 7519 section 5)."""
    head = text[start:end].split(".")[0]
    header = None
    try:
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        header = None
    return score if isinstance(header, dict) and ("alg" in header or "typ" in header) else 0.0


_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

# --- one issuer, one entity ----------------------------------------------------------------------

BY_ISSUER = (
    key("AwsAccessKeyRecognizer", "AWS_ACCESS_KEY", r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}",
        r"ABSK[A-Za-z0-9+/]{100,270}={0,2}"),
    Recognizer("AwsSecretKeyRecognizer", "AWS_SECRET_KEY", (
        Pattern("assigned", r"(?:aws|secret|s3)[\w .-]{0,24}?(?:secret|access|private)?[\w .-]{0,12}?key[\"'`]?\s{0,3}(?:[:=|]|=>|is)\s{0,3}[\"'`]?(?P<value>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])", 0.95),
        Pattern("beside a key id", r"(?:AKIA|ASIA)[A-Z2-7]{16}[\s,:;|\"'`]{1,12}(?:\w{0,30}[\s:=\"'`]{1,6})?(?P<value>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])", 0.9),
        Pattern("session token", LEFT + r"(?:IQoJb3JpZ2lu|FwoGZXIvYXdz|FQoGZXIvYXdz)[A-Za-z0-9/+=]{80,1500}", 0.95),
    ), check=real),
    key("GithubTokenRecognizer", "GITHUB_TOKEN", r"gh[pousr]_[A-Za-z0-9]{36,255}", needs=("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), checked=True),
    key("GithubFineGrainedTokenRecognizer", "GITHUB_TOKEN", r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{30,80}", needs=("github_pat_",)),
    key("GitlabTokenRecognizer", "GITLAB_TOKEN", r"gl(?:pat|dt|rt|rtr|ptt|ft|imt|agent|oas|soat|cbt|ffct|wt)-[\w.-]{18,300}[\w-]", needs=("gl",)),
    key("GitlabRunnerTokenRecognizer", "GITLAB_TOKEN", r"GR1348941[\w-]{20}", r"_gitlab_session=[0-9a-f]{32}", needs=("GR1348941", "_gitlab_session")),
    key("SlackTokenRecognizer", "SLACK_TOKEN", r"xox[abeoprs]-(?:\d-)?[A-Za-z0-9-]{10,250}", r"xoxe\.xox[bp]-\d-[A-Za-z0-9]{100,200}", r"xox[cd]-[A-Za-z0-9%-]{20,250}", needs=("xox",)),
    key("SlackAppTokenRecognizer", "SLACK_TOKEN", r"xapp-\d-[A-Z0-9]{8,20}-\d{8,20}-[a-f0-9]{32,80}", r"https://hooks\.slack\.com/(?:services|workflows|triggers)/T[A-Z0-9]{6,12}/[AB]?[A-Z0-9]{6,14}/[A-Za-z0-9]{16,32}", needs=("xapp-", "hooks.slack.com")),
    key("StripeKeyRecognizer", "STRIPE_KEY", r"[sr]k_(?:live|test|prod)_[A-Za-z0-9]{16,247}", r"whsec_[A-Za-z0-9+/]{32,64}", needs=("k_live_", "k_test_", "k_prod_", "whsec_")),
    key("GoogleKeyRecognizer", "GOOGLE_API_KEY", r"AIza[\w-]{35}", r"GOCSPX-[\w-]{28}", r"ya29\.[\w-]{40,300}", r"AAAA[\w-]{7}:APA91b[\w-]{100,160}", r"1//0[\w-]{40,100}", needs=("AIza", "GOCSPX-", "ya29.", "APA91b", "1//0")),
    key("OpenaiKeyRecognizer", "OPENAI_API_KEY", r"sk-(?:proj-|svcacct-|admin-|None-)?[\w-]{16,100}T3BlbkFJ[\w-]{16,100}", r"sk-(?:proj|svcacct|admin)-[\w-]{40,200}", r"sk-[A-Za-z0-9]{48}", r"sess-[A-Za-z0-9]{40}", needs=("sk-", "sess-")),
    key("AnthropicKeyRecognizer", "ANTHROPIC_API_KEY", r"sk-ant-(?:api|admin|oat|ort|sid)\d{2}-[\w-]{24,140}", needs=("sk-ant-",)),
    key("HuggingfaceTokenRecognizer", "HUGGINGFACE_TOKEN", r"(?:hf|api_org)_[A-Za-z]{30,40}", r"hf_(?:oauth_)?[A-Za-z0-9]{34}", needs=("hf_", "api_org_")),
    one("JwtRecognizer", "JWT", LEFT + r"ey[A-Za-z0-9_-]{10,2000}\.ey[A-Za-z0-9_-]{2,8000}\.[A-Za-z0-9_-]{8,2000}", 0.95, check=_jwt, ignore_case=False),
)  # fmt: skip

# --- many issuers, one entity --------------------------------------------------------------------

CLOUD = _group(
    "CloudTokenRecognizer", "CLOUD_KEY",
    ("Azure client secret", "Q~", r"[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34}"),
    ("Azure account key", "AccountKey=", r"AccountKey=(?P<value>[A-Za-z0-9+/]{80,90}={0,2})"),
    ("Azure shared access key", "SharedAccessKey=", r"SharedAccessKey=(?P<value>[A-Za-z0-9+/]{42,50}={0,2})"),
    ("Azure storage key", "+ASt", r"[A-Za-z0-9+/]{76}\+ASt[A-Za-z0-9+/]{5}[AQgw]=="),
    ("Azure shared access signature", "sig=", r"(?:s[a-z]{1,3}=[^&\s\"'<>]{1,100}&(?:amp;)?){2,12}sig=(?P<value>[A-Za-z0-9%+/=]{40,90})"),
    ("Alibaba Cloud", "LTAI", r"LTAI[A-Za-z0-9]{12,26}"),
    ("Tencent Cloud", "AKID", r"AKID[A-Za-z0-9]{32}"),
    ("DigitalOcean", "_v1_", r"do[opr]_v1_[0-9a-f]{64}"),
    ("Cloudflare origin", "v1.0-", r"v1\.0-[a-f0-9]{24}-[a-f0-9]{146}"),
    ("Heroku", "HRKU-", r"HRKU-[A-Za-z0-9_-]{36,64}"),
    ("Databricks", "dapi", r"dapi[0-9a-f]{32}(?:-\d)?"),
    ("Fly.io", "fo1_", r"fo1_[\w-]{43}"),
    ("Fly.io macaroon", "FlyV1 fm", r"FlyV1 fm[12][ar]?_[A-Za-z0-9+/]{80,800}={0,3}"),
    ("Netlify", "nfp_", r"nfp_[A-Za-z0-9]{36}"),
    ("Render", "rnd_", r"rnd_[A-Za-z0-9]{24,40}"),
    ("Supabase", "sbp_", r"sbp_[a-f0-9]{40}"),
    ("Supabase secret", "sb_secret_", r"sb_secret_[A-Za-z0-9_-]{31,40}"),
    ("PlanetScale", "pscale_", r"pscale_(?:tkn|pw|oauth)_[\w=.-]{32,64}"),
    ("Neon", "napi_", r"napi_[a-z0-9]{60,70}"),
    ("Scaleway", "SCW", r"SCW[A-Z0-9]{17}"),
    ("Yandex Cloud", "AQVN", r"AQVN[\w-]{35,38}"),
    ("Amazon MWS", "amzn.mws.", rf"amzn\.mws\.{_UUID}"),
    ("Tailscale", "tskey-", r"tskey-(?:auth|api|client|scim|webhook)-[A-Za-z0-9]{8,24}-[A-Za-z0-9]{20,48}"),
    ("1Password", "A3-", r"A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}"),
    ("1Password service account", "ops_ey", r"ops_ey[A-Za-z0-9+/]{100,1200}={0,3}"),
)  # fmt: skip

CI = _group(
    "CiTokenRecognizer", "CI_TOKEN",
    ("Bitbucket", "ATBB", r"ATBB[A-Za-z0-9]{24,40}"),
    ("Bitbucket access token", "ATCTT3", r"ATCTT3[\w=-]{80,250}"),
    ("CircleCI", "CCIP", r"CCIP(?:AT|RJ)_[A-Za-z0-9]{22}_[a-f0-9]{40}"),
    ("HCP Terraform", ".atlasv1.", r"[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,70}"),
    ("HashiCorp Vault", "hv", r"hv[sbr]\.[\w-]{24,300}"),
    ("Buildkite", "bkua_", r"bkua_[a-f0-9]{40}"),
    ("Azure DevOps", "AZDO", r"[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}"),
    ("SonarQube", "sq", r"sq[apu]_[a-f0-9]{40}"),
    ("Harness", "pat.", r"pat\.[\w-]{22}\.[0-9a-f]{24}\.[A-Za-z0-9]{20}"),
    ("Pulumi", "pul-", r"pul-[a-f0-9]{40}"),
    ("Infracost", "ico-", r"ico-[A-Za-z0-9]{32}"),
    ("Doppler", "dp.", r"dp\.(?:ct|pt|st|sa|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}"),
    ("Octopus Deploy", "API-", r"API-[A-Z0-9]{26}"),
    ("Sourcegraph", "sgp_", r"sgp_(?:[a-fA-F0-9]{16}_|local_)?[a-fA-F0-9]{40}"),
    ("Prefect", "pnu_", r"pnu_[A-Za-z0-9]{36}"),
)  # fmt: skip

PACKAGES = _group(
    "PackageTokenRecognizer", "PACKAGE_TOKEN",
    ("npm", "npm_", r"npm_[A-Za-z0-9]{36}"),
    ("npmrc", "_authToken", rf"_authToken\s?=\s?[\"']?(?P<value>{_UUID}|[A-Za-z0-9+/=_.-]{{32,200}})"),
    ("PyPI", "pypi-AgE", r"pypi-AgE[\w-]{50,400}"),
    ("RubyGems", "rubygems_", r"rubygems_[a-f0-9]{48}"),
    ("NuGet", "oy2", r"oy2[a-z0-9]{43}"),
    ("Docker Hub", "dckr_", r"dckr_[po]at_[\w-]{20,44}"),
    ("crates.io", "cio", r"cio[A-Za-z0-9]{32}"),
    ("Artifactory key", "AKCp", r"AKCp[A-Za-z0-9]{60,80}"),
    ("Artifactory reference", "cmVmdGtuOj", r"cmVmdGtuOj[A-Za-z0-9]{50,70}"),
    ("Clojars", "CLOJARS_", r"CLOJARS_[a-z0-9]{60}"),
    ("Packagist", "packagist_", r"packagist_[a-z]{2,4}_[a-f0-9]{50,80}"),
)  # fmt: skip

MODELS = _group(
    "ModelProviderKeyRecognizer", "LLM_API_KEY",
    ("Groq", "gsk_", r"gsk_[A-Za-z0-9]{40,60}"),
    ("Replicate", "r8_", r"r8_[A-Za-z0-9]{37}"),
    ("xAI", "xai-", r"xai-[A-Za-z0-9_-]{60,100}"),
    ("Perplexity", "pplx-", r"pplx-[A-Za-z0-9]{40,64}"),
    ("OpenRouter", "sk-or-", r"sk-or-(?:v\d-)?[A-Za-z0-9]{40,80}"),
    ("DeepSeek", "sk-", r"sk-[a-f0-9]{32}"),
    ("Nvidia", "nvapi-", r"nvapi-[A-Za-z0-9_-]{60,80}"),
    ("LangSmith", "lsv2_", r"lsv2_[ps][kt]_[a-f0-9]{32}_[a-f0-9]{10}"),
    ("Langfuse", "-lf-", rf"sk-lf-{_UUID}"),
    ("Pinecone", "pcsk_", r"pcsk_[A-Za-z0-9_]{50,90}"),
    ("Fireworks", "fw_", r"fw_[A-Za-z0-9]{22,30}"),
    ("Together", "tgp_v1_", r"tgp_v1_[\w-]{40,50}"),
    ("Cerebras", "csk-", r"csk-[a-z0-9]{48}"),
    ("Tavily", "tvly-", r"tvly-(?:dev-|prod-)?[A-Za-z0-9]{20,40}"),
    ("Firecrawl", "fc-", r"fc-[a-f0-9]{32}"),
    ("ElevenLabs", "sk_", r"sk_[a-f0-9]{48}"),
    ("Jina", "jina_", r"jina_[a-f0-9]{32}[\w-]{20,40}"),
    ("Mistral and Cohere, labelled", "_API_KEY", r"(?:MISTRAL|COHERE|CO|TOGETHER|DEEPSEEK|AI21|VOYAGE|STABILITY)_API_KEY[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?P<value>[A-Za-z0-9_-]{32,64})"),
    ("Cohere, in code", "cohere.Client", r"cohere\.Client(?:V2)?\(\s{0,3}(?:api_key\s?=\s?)?[\"'](?P<value>[A-Za-z0-9]{40})"),
)  # fmt: skip

SAAS = _group(
    "SaasTokenRecognizer", "SAAS_TOKEN",
    ("SendGrid", "SG.", r"SG\.[\w-]{20,24}\.[\w-]{39,50}"),
    ("Twilio", "SK", r"SK[0-9a-f]{32}"),
    ("Mailgun", "key-", r"key-[0-9a-f]{32}"),
    ("Mailchimp", "-us", r"[0-9a-f]{32}-us\d{1,2}"),
    ("Brevo", "xkeysib-", r"xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}"),
    ("Resend", "re_", r"re_[A-Za-z0-9]{8}_[A-Za-z0-9]{20,30}"),
    ("Atlassian", "ATATT3", r"ATATT3[\w=-]{80,250}"),
    ("Trello", "ATTA", r"ATTA[a-f0-9]{60,76}"),
    ("Linear", "lin_", r"lin_(?:api|oauth|wh)_[A-Za-z0-9]{32,64}"),
    ("Notion", "ntn_", r"ntn_[A-Za-z0-9]{40,50}"),
    ("Notion integration", "secret_", r"secret_[A-Za-z0-9]{43}"),
    ("Shopify", "shp", r"shp(?:at|ca|pa|ss|ua|tka)_[0-9a-fA-F]{32}"),
    ("Square", "sq0", r"sq0[a-z]{3}-[\w-]{22,60}"),
    ("Square access token", "EAAA", r"EAAA[\w-]{60}"),
    ("Meta", "EAA", r"EAA[A-Za-z0-9]{90,250}"),
    ("Braintree", "access_token$", r"access_token\$(?:production|sandbox)\$[0-9a-z]{16}\$[0-9a-f]{32}"),
    ("PayPal", "A21AA", r"A21AA[\w-]{80,110}"),
    ("Telegram", ":A", r"\d{8,10}:A[A-Za-z0-9_-]{34}"),
    ("Discord", ".", r"[MNO][A-Za-z\d_-]{23,27}\.[A-Za-z\d_-]{6}\.[A-Za-z\d_-]{27,40}"),
    ("Discord webhook", "/api/webhooks/", r"https://(?:\w{1,10}\.)?discord(?:app)?\.com/api/webhooks/\d{17,20}/[\w-]{60,80}"),
    ("Teams webhook", ".webhook.office.com", r"https://[\w-]{1,60}\.webhook\.office\.com/webhookb2/[\w@/-]{60,260}"),
    ("Postman", "PMAK-", r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}"),
    ("New Relic", "NR", r"NR(?:AK-[A-Z0-9]{27}|II-[\w-]{32}|IQ-[\w-]{32}|RA-[a-f0-9]{42})"),
    ("New Relic licence", "NRAL", r"[a-f0-9]{36}NRAL"),
    ("Sentry", "sntry", r"sntry[us]_[A-Za-z0-9+/=_]{40,400}"),
    ("Grafana", "gl", r"gl(?:c_[A-Za-z0-9+/]{32,400}={0,3}|sa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8})"),
    ("Airtable", "pat", r"pat[A-Za-z0-9]{14}\.[a-f0-9]{64}"),
    ("Figma", "fig", r"fig[dou]r?_[\w-]{38,44}"),
    ("Asana", ":", r"[0-2]/\d{15,16}(?:/\d{15,16})?:[a-f0-9]{32}"),
    ("Dropbox", "sl.", r"sl\.(?:u\.)?[\w-]{120,1200}"),
    ("Twitter", "AAAAAAAAAAAAAAAAAAAA", r"A{20,22}[A-Za-z0-9%]{60,100}"),
    ("HubSpot", "pat-", rf"pat-(?:na|eu|ap)\d-{_UUID}"),
    ("Typeform", "tfp_", r"tfp_[\w.=-]{44,64}"),
    ("Contentful", "CFPAT-", r"CFPAT-[\w-]{43}"),
    ("Plaid", "access-", rf"access-(?:sandbox|development|production)-{_UUID}"),
    ("EasyPost", "EZ", r"EZ[AT]K[A-Za-z0-9]{54}"),
    ("Duffel", "duffel_", r"duffel_(?:test|live)_[\w-]{43}"),
    ("Flutterwave", "FLWSECK", r"FLWSECK(?:_TEST)?-[A-Za-z0-9]{12,40}(?:-X)?"),
    ("Shippo", "shippo_", r"shippo_(?:live|test)_[a-f0-9]{40}"),
    ("ReadMe", "rdme_", r"rdme_[a-z0-9]{70}"),
    ("Dynatrace", "dt0c01.", r"dt0c01\.[A-Z0-9]{24}\.[A-Z0-9]{64}"),
    ("Adafruit", "aio_", r"aio_[A-Za-z0-9]{28}"),
    ("Mapbox", "sk.ey", r"sk\.ey[\w-]{20,200}\.[\w-]{20,24}"),
    ("PostHog", "phx_", r"phx_[A-Za-z0-9]{40,50}"),
    ("LaunchDarkly", "sdk-", rf"sdk-{_UUID}"),
    ("Zoho", "1000.", r"1000\.[a-f0-9]{32}\.[a-f0-9]{32}"),
    ("Okta", "SSWS", r"SSWS\s{1,2}(?P<value>00[\w-]{40})"),
    ("Fastly, labelled", "astly", r"[Ff]astly[-_ ](?:[Kk]ey|[Aa]pi[-_ ](?:[Kk]ey|[Tt]oken))[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?P<value>[\w-]{32})"),
    ("Datadog, labelled", "D", r"(?:DD|DATADOG)[-_](?:API|APP(?:LICATION)?)[-_]KEY[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?P<value>[0-9a-f]{32}(?:[0-9a-f]{8})?)"),
)  # fmt: skip

RECOGNIZERS = (*BY_ISSUER, CLOUD, CI, PACKAGES, MODELS, SAAS)
