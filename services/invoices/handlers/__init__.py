"""One function per command: load, decide, append, answer from what was recorded.

Every command carries an idempotency key. A retry finds the events of the first run and is answered from them, before
anything is decided again: what was right to issue then would be refused now.
"""
