"""The embedded store's tables, one migration per step; a shipped step is never edited."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

migrations = Migrations("center")

_FIRST_TABLES = (
    """
    CREATE TABLE device (
        device TEXT PRIMARY KEY, site TEXT NOT NULL, role TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('active', 'quarantined')), reason TEXT NOT NULL
    ) WITHOUT ROWID, STRICT
    """,
    """
    CREATE TABLE device_key (
        kid TEXT PRIMARY KEY, device TEXT NOT NULL REFERENCES device, x TEXT NOT NULL, serial TEXT NOT NULL,
        board TEXT NOT NULL, software TEXT NOT NULL, enrolled_at TEXT NOT NULL, retired_at TEXT,
        retired_because TEXT NOT NULL
    ) WITHOUT ROWID, STRICT
    """,
    "CREATE INDEX device_key_device ON device_key (device)",
    """
    CREATE TABLE claim (
        secret_hash TEXT PRIMARY KEY, device TEXT NOT NULL, site TEXT NOT NULL, role TEXT NOT NULL,
        made_at TEXT NOT NULL, expires_at TEXT NOT NULL, used_by TEXT, used_at TEXT, confirmed_at TEXT,
        enrolled_at TEXT
    ) WITHOUT ROWID, STRICT
    """,
    "CREATE INDEX claim_device ON claim (device)",
    """
    CREATE TABLE epoch (
        id INTEGER PRIMARY KEY, device TEXT NOT NULL REFERENCES device, epoch TEXT NOT NULL,
        after_epoch TEXT, after_seq INTEGER, after_hash TEXT, upto INTEGER NOT NULL, head TEXT NOT NULL,
        last_at TEXT NOT NULL, opened_at TEXT NOT NULL, opened_by TEXT NOT NULL REFERENCES device_key,
        held_before INTEGER NOT NULL, UNIQUE (device, epoch)
    ) STRICT
    """,
    "CREATE INDEX epoch_after ON epoch (device, after_epoch)",
    """
    CREATE TABLE event (
        epoch_id INTEGER NOT NULL REFERENCES epoch, seq INTEGER NOT NULL, hash BLOB NOT NULL,
        line BLOB NOT NULL, PRIMARY KEY (epoch_id, seq)
    ) WITHOUT ROWID, STRICT
    """,
    """
    CREATE TABLE batch (
        epoch_id INTEGER NOT NULL REFERENCES epoch, last_seq INTEGER NOT NULL, first_seq INTEGER NOT NULL,
        stored_from INTEGER NOT NULL, kid TEXT NOT NULL REFERENCES device_key, token TEXT NOT NULL,
        received_at TEXT NOT NULL, PRIMARY KEY (epoch_id, last_seq)
    ) STRICT
    """,
    """
    CREATE TABLE evidence (
        device TEXT NOT NULL REFERENCES device, epoch TEXT NOT NULL, first_seq INTEGER NOT NULL,
        last_seq INTEGER NOT NULL, head TEXT NOT NULL, kid TEXT NOT NULL REFERENCES device_key,
        received_at TEXT NOT NULL, content BLOB NOT NULL,
        PRIMARY KEY (device, epoch, first_seq, last_seq, head)
    ) STRICT
    """,
)


@migrations()
def first_tables(db: Database) -> None:
    """Make the register (device, device_key, claim) and the ledger (epoch, event, batch, evidence)."""
    for statement in _FIRST_TABLES:
        db.execute(statement)
