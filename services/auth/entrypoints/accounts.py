"""Entrypoints of a person about their own account."""

from typing import Any

from services.auth import handlers
from services.auth.commands import (
    AskPasskey,
    BeginFactor,
    ChangePassword,
    CompleteFactor,
    RemoveFactor,
    RenewRecoveryCodes,
)
from services.auth.dependencies import App
from services.auth.domain.factor import FactorKind
from services.auth.domain.proof import PurposeKind
from services.auth.entrypoints.proofs import setup_fields, take_first_proof, take_proof
from shared.contracts import accounts as contract
from shared.contracts.base import NoRequest
from shared.kernel.clock import to_rfc3339
from shared.messaging.access import OWN
from shared.messaging.endpoints import BaseService, Call, query


class AccountEntrypoints(BaseService):
    """Queries, because each is good once by its own means: a proof is used up, an offer is new."""

    app: App

    @query(permission=OWN, request=NoRequest, reply=contract.ListFactorsReply)
    def list_factors(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - says nothing
        """List the caller's factors, and how many recovery codes are left."""
        user = handlers.own_account(self.app.ports, tenant=call.require_tenant(), by=call.require_person().author)
        return {
            "factors": [
                {
                    "factor_id": factor.id,
                    "kind": factor.kind.value,
                    "name": factor.name,
                    "added_at": to_rfc3339(factor.added_at),
                }
                for factor in user.factors
            ],
            "recovery_codes_left": len(user.recovery_hashes) - len(user.recovery_used),
        }

    @query(permission=OWN, request=contract.PasskeyOptionsRequest, reply=contract.PasskeyOptionsReply)
    def passkey_options(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Say what one of the caller's passkeys has to sign for the next change of the account."""
        command, by = AskPasskey(PurposeKind(request["purpose"])), call.require_person().author
        options = handlers.ask_passkey(self.app.ports, command, tenant=call.require_tenant(), by=by)
        return {"passkey_options": options}

    @query(permission=OWN, request=contract.ChangePasswordRequest, reply=contract.DoneReply)
    def change_password(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Take another password for the caller's present one and a proof."""
        command, by = ChangePassword(proof=take_proof(request), **request), call.require_person().author
        handlers.change_password(self.app.ports, command, tenant=call.require_tenant(), by=by)
        return {"user_id": by.id}

    @query(permission=OWN, request=contract.RenewRecoveryCodesRequest, reply=contract.RecoveryCodesReply)
    def renew_recovery_codes(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Give the caller new recovery codes for the password and a proof of a factor."""
        command, by = RenewRecoveryCodes(proof=take_proof(request), **request), call.require_person().author
        return {
            "recovery_codes": handlers.renew_recovery_codes(
                self.app.ports, command, tenant=call.require_tenant(), by=by
            )
        }

    @query(permission=OWN, request=contract.BeginFactorRequest, reply=contract.BeginFactorReply)
    def begin_factor(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Offer the caller another factor, for the password and a proof of one."""
        kind, by = FactorKind(request.pop("kind")), call.require_person().author
        command = BeginFactor(proof=take_proof(request), kind=kind, **request)
        offered = handlers.begin_factor(self.app.ports, command, tenant=call.require_tenant(), by=by)
        return {
            "offer": offered.offer,
            **setup_fields(offered.setup),
            "expires_at": to_rfc3339(offered.expires_at),
        }

    @query(permission=OWN, request=contract.CompleteFactorRequest, reply=contract.FactorReply)
    def complete_factor(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Make the offered factor count."""
        command = CompleteFactor(request["offer"], take_first_proof(request))
        by = call.require_person().author
        return {"factor_id": handlers.complete_factor(self.app.ports, command, tenant=call.require_tenant(), by=by)}

    @query(permission=OWN, request=contract.RemoveFactorRequest, reply=contract.FactorReply)
    def remove_factor(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Give up a factor of the caller's, for the password and a proof by another one."""
        command, by = RemoveFactor(proof=take_proof(request), **request), call.require_person().author
        handlers.remove_factor(self.app.ports, command, tenant=call.require_tenant(), by=by)
        return {"factor_id": command.factor_id}
