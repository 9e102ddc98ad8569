"""Which events call for a mail, to whom, and what the mail says: the one place that a new kind of event is entered in.

Drill mails are the exception that they pretend to be: what they say is in `drills/`, beside the code.
"""

from collections.abc import Mapping
from types import MappingProxyType

from services.auth.domain.account_letters import ACCOUNT_CAUSES
from services.auth.domain.approval_letters import APPROVAL_CAUSES
from services.auth.domain.notice import Cause
from services.auth.domain.training_letters import TRAINING_CAUSES

CAUSES: Mapping[str, Cause] = MappingProxyType({**ACCOUNT_CAUSES, **APPROVAL_CAUSES, **TRAINING_CAUSES})
"""By event type. An event that is not listed is told to nobody, but for `DrillMailed`."""
