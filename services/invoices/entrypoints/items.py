"""Entrypoints about items."""

from dataclasses import asdict
from typing import Any

from services.invoices.codec import read, written
from services.invoices.commands.items import ChangeItem, RegisterItem, RetireItem
from services.invoices.dependencies import App
from services.invoices.entrypoints.lists import asked_of
from services.invoices.entrypoints.receipts import receipted
from services.invoices.handlers import items
from services.invoices.read_models.item_queries import ItemQueries
from shared.contracts import items as contract
from shared.contracts.permissions import Permission
from shared.messaging.endpoints import BaseService, Call, command, query


class ItemEntrypoints(BaseService):
    """What the business sells again and again."""

    app: App

    @command(permission=Permission.ITEM_WRITE, request=contract.RegisterItemRequest, reply=contract.ItemReceipt)
    def register_item(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Make an item known, with its price."""
        made = items.register_item(
            self.app.ports,
            read(request, RegisterItem),
            tenant=call.require_tenant(),
            command_id=call.require_command(),
        )
        return receipted(self.app, call, asdict(made))

    @command(permission=Permission.ITEM_WRITE, request=contract.ChangeItemRequest, reply=contract.ItemReceipt)
    def change_item(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Describe or price an item otherwise; drafts stay as they are."""
        made = items.change_item(
            self.app.ports, read(request, ChangeItem), tenant=call.require_tenant(), command_id=call.require_command()
        )
        return receipted(self.app, call, asdict(made))

    @command(permission=Permission.ITEM_WRITE, request=contract.RetireItemRequest, reply=contract.ItemReceipt)
    def retire_item(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Have no new line take from an item."""
        made = items.retire_item(
            self.app.ports, RetireItem(**request), tenant=call.require_tenant(), command_id=call.require_command()
        )
        return receipted(self.app, call, asdict(made))

    @query(permission=Permission.ITEM_READ, request=contract.GetItemRequest, reply=contract.ItemReply)
    def get_item(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return an item."""
        state, version = items.get_item(self.app.ports, tenant=call.require_tenant(), **request)
        particulars = written(state.item)
        return {
            "item_id": particulars.pop("item_id"),
            "version": version,
            "retired": state.retired,
            "particulars": particulars,
        }

    @query(permission=Permission.ITEM_READ, request=contract.ListItemsRequest, reply=contract.ListItemsReply)
    def list_items(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return a page of items, all or those with one article number."""
        found: dict[str, Any] = ItemQueries(self.app.queries.reader, self.app.queries.search).page(
            call.require_tenant(),
            asked_of(request),
            request.get("page_after"),
            number=request.get("number"),
            retired=request["retired"],
            limit=request["limit"],
        )
        return found
