"""`make bench-auth`: what a login costs beside the Argon2id that it must pay, what a token, what a decision.

Everything runs on one private server in one run; contenders take turns, round by round, and medians are compared.
"""

from tests.bench import decisions, logins, revocations
from tests.bench.command import benchmark

main = benchmark(
    "auth",
    "Measure logins on a private PostgreSQL with durable commits, then tokens, decisions and revocations.",
    {
        "login": logins.login,
        "verify": decisions.verify,
        "authorize": decisions.authorize,
        "revocation": revocations.revocation,
    },
)

if __name__ == "__main__":
    main()
