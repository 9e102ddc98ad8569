"""What auth remembers about training, drills and notices, as sentences."""

from collections.abc import Callable, Mapping
from typing import Any

Payload = Mapping[str, Any]


def _policy_set(payload: Payload) -> str:
    if not payload["modules"]:
        return "decided that no training is asked for"
    days = f"valid {payload['valid_days']} days, {payload['grace_days']} days of grace"
    return f"decided what training is asked for: {payload['modules']}; {days}, {payload['pass_percent']} % to pass"


def _completed(payload: Payload) -> str:
    result = f"{payload['score']} of {payload['asked']} right"
    return f"completed the training {payload['module']} ({result}), which holds until {str(payload['expires_at'])[:10]}"


TRAINING_DEEDS: Mapping[str, Callable[[Payload], str]] = {
    "TrainingPolicySet": _policy_set,
    "TrainingBegun": lambda payload: f"began the training {payload['module']}, version {str(payload['version'])[:12]}",
    "TrainingCompleted": _completed,
    "TrainingFailed": lambda payload: (
        f"did not pass the training {payload['module']}: {payload['score']} of {payload['asked']} right"
    ),
    "TrainingWaived": lambda payload: (
        f"let user {payload['user_id']} work without training until {str(payload['until'])[:10]}: {payload['reason']}"
    ),
    "TrainingReminded": lambda payload: (
        f"reminded user {payload['user_id']} of training ({payload['stage']}): {payload['modules']}"
    ),
    "DrillStarted": lambda payload: f"had the phishing drill {payload['template']} mailed: {payload['drill_id']}",
    "DrillMailed": lambda payload: f"mailed user {payload['user_id']} in the drill {payload['drill_id']}",
    "DrillLinkFollowed": lambda payload: (
        f"followed the link mailed to user {payload['user_id']} in the drill {payload['drill_id']}"
    ),
    "ApprovalAwaited": lambda payload: f"said that an approval is awaited: {payload['request']}",
    "RedirectHeard": lambda payload: f"heard that documents to customer {payload['customer_id']} go elsewhere",
    "NoticeDue": lambda payload: f"asked for a mail to user {payload['user_id']} about position {payload['about']}",
}
