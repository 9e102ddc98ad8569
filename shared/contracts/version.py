"""Which contract this is: one number for every method, shape and event of all services. docs/rpc.md has the rule."""

CONTRACT_VERSION = 1
"""Raised with the first incompatible change after a release; what was recorded of an earlier one stays."""
RELEASED = False
"""Whether anybody may rely on it. Until then the record of this version is written anew with every change."""
