"""Entrypoints of phishing drills."""

from typing import Any

from services.auth import handlers
from services.auth.commands import FollowDrillLink, StartDrill
from services.auth.dependencies import App
from shared.contracts import drills as contract
from shared.contracts.base import NoRequest
from shared.contracts.permissions import Permission
from shared.messaging.access import PUBLIC
from shared.messaging.endpoints import BaseService, Call, command, query


class DrillEntrypoints(BaseService):
    """Started and looked at by owners; the link is open to whoever was mailed it."""

    app: App

    @command(permission=Permission.TRAINING_MANAGE, request=contract.StartDrillRequest, reply=contract.StartDrillReply)
    def start_drill(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Have a harmless mail sent that looks like an attack."""
        named = request.get("user_ids")
        drill = handlers.start_drill(
            self.app.ports,
            StartDrill(request["template"], request["language"], None if named is None else tuple(named)),
            tenant=call.require_tenant(),
            by=call.actor.id if call.actor else "",
            command_id=call.require_command(),
        )
        return {"drill_id": drill.id, "mails": len(drill.mails)}

    @query(permission=Permission.TRAINING_READ, request=NoRequest, reply=contract.ListDrillsReply)
    def list_drills(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - nothing is asked
        """Name the mails that can be sent, and the drills that were."""
        templates = self.app.ports.drill_templates.all("en")
        drills = handlers.list_drills(self.app.ports, tenant=call.require_tenant())
        return {
            "templates": [{"template": each.name, "about": each.about, "module": each.module} for each in templates],
            "drills": [{"drill_id": each.id, "template": each.template, "mails": len(each.mails)} for each in drills],
        }

    @query(permission=Permission.TRAINING_READ, request=contract.DrillResultsRequest, reply=contract.DrillResultsReply)
    def drill_results(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Tell who followed the link."""
        result = handlers.drill_results(self.app.ports, request["drill_id"], tenant=call.require_tenant())
        return {
            "drill_id": result.drill.id,
            "template": result.drill.template,
            "mailed": len(result.mailed),
            "followed": sum(each.followed for each in result.mailed),
            "people": [
                {"user_id": each.user_id, "name": each.name, "followed": each.followed} for each in result.mailed
            ],
        }

    @query(permission=PUBLIC, request=contract.FollowDrillLinkRequest, reply=contract.FollowDrillLinkReply)
    def follow_drill_link(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - public
        """Record a click, once, and return what there is to learn."""
        module = handlers.follow_drill_link(self.app.ports, FollowDrillLink(**request))
        return {"module": module.name, "title": module.title, "lesson": module.lesson}
