"""What people write: titles, branches, messages, file names."""

from random import Random

VERBS = ("Add", "Fix", "Refactor", "Speed up", "Simplify", "Document", "Handle", "Remove", "Rename", "Cache", "Retry",
         "Validate", "Log", "Paginate", "Translate")  # fmt: skip
THINGS = (
    "refund rounding", "session tokens", "the café locale 🇫🇷", "currency lists", "Größe in size charts", "idle sockets",
    "null invoices", "the naïve tax table", "webhook signatures", "search facets", "empty baskets", "übergroße Anhänge",
    "日本語 names", "time zones", "feature flags", "e-mail templates", "gift cards", "price history", "audit trail",
    "password reset", "rate limits", "slow queries", "push tokens", "ledger exports", "address parsing 🏠",
)  # fmt: skip
MODULES = (
    "api",
    "billing",
    "cache",
    "cart",
    "events",
    "http",
    "jobs",
    "locale",
    "models",
    "queries",
    "tokens",
    "views",
)
EXTENSIONS = {
    "Python": "py", "TypeScript": "ts", "Go": "go", "Java": "java", "Kotlin": "kt", "Swift": "swift",
}  # fmt: skip
PACKAGES = ("lodash", "urllib3", "grpc", "jackson-databind", "okhttp", "pydantic", "react", "zod", "netty", "certifi")
SYMPTOMS = (
    "Checkout answers 500 for guests", "Latency over 4 s in eu-west", "Duplicate e-mails sent",
    "Logins fail for SSO users",
    "Zahlungen hängen fest", "Search shows stale prices", "Refunds booked twice", "Queue grows without end",
    "Push messages late by an hour", "Invoices without VAT number", "App crashes on start-up", "Données manquantes",
)  # fmt: skip


def title(rng: Random) -> str:
    return f"{rng.choice(VERBS)} {rng.choice(THINGS)}"


def branch(rng: Random, login: str, headline: str) -> str:
    words = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in headline.lower())
    return f"{login}/{'-'.join(part for part in words.split('-') if part)[:32]}-{rng.randrange(16**4):04x}"


def bump(rng: Random, by_renovate: bool) -> tuple[str, str]:
    """Title and branch of a dependency update."""
    package, version = rng.choice(PACKAGES), f"{rng.randrange(1, 9)}.{rng.randrange(30)}.{rng.randrange(20)}"
    if by_renovate:
        return f"chore(deps): update dependency {package} to v{version}", f"renovate/{package}-{version}"
    return f"Bump {package} to {version}", f"dependabot/{package}-{version}"


def files(rng: Random, prefix: str, language: str, count: int) -> list[str]:
    """Paths below a prefix that a change touches, each once, in order."""
    extension = EXTENSIONS[language]
    names = {f"{prefix}src/{rng.choice(MODULES)}/{rng.choice(MODULES)}.{extension}" for _ in range(count)}
    return sorted(names)
