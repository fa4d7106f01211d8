"""The journal: one append-only, gapless, hash-chained record; state is its fold, the outbox its tail."""
