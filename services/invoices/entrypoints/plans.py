"""Entrypoints about recurring plans."""

from typing import Any

from services.invoices.codec import read, written
from services.invoices.commands.plans import EndPlan, MakePlan, PausePlan, ResumePlan
from services.invoices.dependencies import App
from services.invoices.domain.document.calculation import calculate
from services.invoices.domain.plan import Plan
from services.invoices.entrypoints.lists import asked_of
from services.invoices.entrypoints.receipts import receipted
from services.invoices.handlers import plans
from services.invoices.handlers.itemising import itemised
from services.invoices.history import plan_of
from services.invoices.read_models.plan_queries import PlanQueries
from shared.contracts import plans as contract
from shared.contracts.permissions import Permission
from shared.eventstore.model import RecordedEvent
from shared.messaging.endpoints import BaseService, Call, command, query


class PlanEntrypoints(BaseService):
    """Recurring plans."""

    app: App

    @command(permission=Permission.PLAN_MANAGE, request=contract.MakePlanRequest, reply=contract.PlanReceipt)
    def make_plan(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Have a document written again and again."""
        content = itemised(self.app.ports, request["content"], **_sent(call))
        asked = read({**request, "content": content}, MakePlan)
        return _recorded(self.app, call, plans.make_plan(self.app.ports, asked, **_sent(call)))

    @command(permission=Permission.PLAN_MANAGE, request=contract.EndPlanRequest, reply=contract.PlanReceipt)
    def pause_plan(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Have nothing written until it is resumed."""
        return _recorded(self.app, call, plans.pause_plan(self.app.ports, PausePlan(**request), **_sent(call)))

    @command(permission=Permission.PLAN_MANAGE, request=contract.ResumePlanRequest, reply=contract.PlanReceipt)
    def resume_plan(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Go on from a day; what was due before it is left out."""
        return _recorded(self.app, call, plans.resume_plan(self.app.ports, read(request, ResumePlan), **_sent(call)))

    @command(permission=Permission.PLAN_MANAGE, request=contract.EndPlanRequest, reply=contract.PlanReceipt)
    def end_plan(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Have nothing written any more."""
        return _recorded(self.app, call, plans.end_plan(self.app.ports, EndPlan(**request), **_sent(call)))

    @query(permission=Permission.PLAN_MANAGE, request=contract.GetPlanRequest, reply=contract.PlanReply)
    def get_plan(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return a plan, and what is due next."""
        plan = plans.get_plan(self.app.ports, tenant=call.require_tenant(), **request)
        return {
            "plan_id": request["plan_id"],
            "content": written(plan.made.content),
            **_standing(plan),
            **({} if plan.latest is None else {"latest": plan.latest}),
            **({} if plan.paused is None else {"paused_because": plan.paused.reason}),
        }

    @query(permission=Permission.PLAN_MANAGE, request=contract.ListPlansRequest, reply=contract.ListPlansReply)
    def list_plans(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return a page of plans, and what is due next of each."""
        tenant, state = call.require_tenant(), request.get("state")
        page = PlanQueries(self.app.queries.reader).page(
            tenant, asked_of(request), request.get("page_after"), request.get("customer_id"), request["limit"]
        )
        found = [(row, plans.plan_at(self.app.ports, tenant, row["plan_id"], page.as_of)) for row in page.plans]
        shown = [{**row, **_summary(plan)} for row, plan in found if plan is not None and state in {None, _state(plan)}]
        return {
            "plans": shown,
            "as_of": page.as_of,
            **({} if page.next_page is None else {"next_page": page.next_page}),
        }


def _recorded(app: App, call: Call, recorded: RecordedEvent) -> dict[str, Any]:
    return receipted(app, call, {"plan_id": plan_of(recorded.stream), "position": recorded.position})


def _sent(call: Call) -> dict[str, Any]:
    return {"tenant": call.require_tenant(), "command_id": call.require_command()}


def _standing(plan: Plan) -> dict[str, Any]:
    upcoming = plan.upcoming
    return {
        "state": _state(plan),
        "schedule": written(plan.made.schedule),
        "issue": plan.made.issue,
        **({} if upcoming is None else {"next_day": upcoming.day.isoformat()}),
    }


def _summary(plan: Plan) -> dict[str, Any]:
    content = plan.made.content
    return {**_standing(plan), "currency": content.currency, "payable": str(calculate(content).payable)}


def _state(plan: Plan) -> str:
    if plan.upcoming is None:
        return "ended"
    return "running" if plan.paused is None else "paused"
