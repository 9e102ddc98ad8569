"""What auth reads from its environment."""

from dataclasses import dataclass, field
from pathlib import Path

from services.auth.adapters.pepper import Pepper
from services.auth.adapters.signer import KeyNotPublished, SignerFiles
from services.auth.adapters.tokens import SignedTokens
from services.auth.adapters.web_origin import WebOrigin, WebOriginInvalid
from shared.crypto.signing import SigningKey
from shared.crypto.tokens import KeySet
from shared.messaging.settings import PREFIX, Environment, HistorySettings, ServiceBusSettings, SettingInvalid
from shared.messaging.web_page import Address


@dataclass(frozen=True, slots=True)
class DrillSettings:
    """Where the page behind drill links listens, and under which URL people reach it; both None: no drills."""

    listen: Address | None
    url: str | None

    @classmethod
    def read(cls, environment: Environment) -> "DrillSettings":
        """Read DRILL_LISTEN and DRILL_URL, both or neither; SettingInvalid."""
        listen, url = environment.optional("DRILL_LISTEN"), environment.optional("DRILL_URL")
        if listen is None and url is None:
            return cls(None, None)
        if listen is None or url is None or not url.startswith(("http://", "https://")):
            raise SettingInvalid(f"The settings {PREFIX}DRILL_LISTEN and {PREFIX}DRILL_URL (http…) go together.")
        try:
            return cls(Address.parse(listen), url.rstrip("/"))
        except ValueError:
            raise SettingInvalid(f"The setting {PREFIX}DRILL_LISTEN must be host:port.") from None


@dataclass(frozen=True, slots=True)
class AuthSettings:
    """Everything that auth needs besides the bus."""

    history: HistorySettings
    bus: ServiceBusSettings
    max_workers: int
    reminder_seconds: int
    token_keys_file: Path
    tokens: SignedTokens
    service_keys: KeySet
    web: WebOrigin
    pepper: Pepper = field(repr=False)
    log_signing_key: SigningKey = field(repr=False)
    log_domain: str
    drills: DrillSettings

    @classmethod
    def read(cls, environment: Environment) -> "AuthSettings":
        """Read the settings and the keys that they name; SettingInvalid."""
        return cls(
            history=HistorySettings.read(environment),
            bus=ServiceBusSettings.read(environment, "auth"),
            max_workers=environment.integer("MAX_WORKERS", 10),
            reminder_seconds=environment.integer("REMINDER_SECONDS", 3600),
            token_keys_file=environment.path("TOKEN_KEYS_FILE"),
            tokens=_tokens(environment),
            service_keys=environment.key("SERVICE_KEYS_FILE", KeySet.load),
            web=_web(environment),
            pepper=environment.key("PEPPER_FILE", Pepper.load),
            log_signing_key=environment.key("LOG_SIGNING_KEY_FILE", SigningKey.load),
            log_domain=environment.text("LOG_DOMAIN"),
            drills=DrillSettings.read(environment),
        )


def _web(environment: Environment) -> WebOrigin:
    try:
        return WebOrigin.read(environment.text("WEB_ORIGIN"))
    except WebOriginInvalid as error:
        raise SettingInvalid(f"The setting {PREFIX}WEB_ORIGIN is unusable: {error}.") from None


def _tokens(environment: Environment) -> SignedTokens:
    environment.key("TOKEN_KEYS_FILE", KeySet.load)  # what is wrong with a file is said of that file
    keys_file = environment.path("TOKEN_KEYS_FILE")
    try:
        return SignedTokens(environment.key("TOKEN_SIGNING_KEY_FILE", lambda path: SignerFiles(path, keys_file)))
    except KeyNotPublished:
        raise SettingInvalid(
            f"The key that {PREFIX}TOKEN_SIGNING_KEY_FILE names is not in the set that {PREFIX}TOKEN_KEYS_FILE names."
        ) from None
