"""The ledger with its awards, the standings, the users and their restrictions, and the audit."""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Makes the tables and the ledger's one row, with a database id of its own."""
    ledger = op.create_table(
        "ledger",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("database_id", sa.String(32), nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.Column("decided_position", sa.BigInteger, nullable=False),
        sa.Column("holder", sa.String(32)),
    )
    _create_awards()
    _create_users()
    _create_audit()
    head = {"id": 1, "database_id": uuid.uuid4().hex, "position": 0, "hash": bytes(32), "decided_position": 0}
    op.bulk_insert(ledger, [head])


def _create_awards() -> None:
    op.create_table(
        "awards",
        sa.Column(
            "position", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False
        ),
        sa.Column("award_id", sa.String(64), nullable=False, unique=True),
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("action_type", sa.String(64), nullable=False),
        sa.Column("points", sa.BigInteger, nullable=False),
        sa.Column("boards", sa.Text, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("score", sa.BigInteger, nullable=False),
        sa.Column("awarded_at", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.Text),
        sa.Column("quarantined", sa.SmallInteger, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.Column("acted_at", sa.BigInteger),
    )
    limited, columns = sa.text("acted_at IS NOT NULL"), ["user_id", "action_type", "acted_at", "points"]
    op.create_index("awards_limited", "awards", columns, sqlite_where=limited, postgresql_where=limited)


def _create_users() -> None:
    op.create_table(
        "standings",
        sa.Column("board_id", sa.String(64), primary_key=True),
        sa.Column("user_id", sa.String(64), primary_key=True),
        sa.Column("score", sa.BigInteger, nullable=False),
        sa.Column("reached_position", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "users",
        sa.Column("user_id", sa.String(64), primary_key=True),
        sa.Column("display_name", sa.String(32), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "restrictions",
        sa.Column("user_id", sa.String(64), primary_key=True),
        sa.Column("state", sa.String(11), nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False, index=True),
        sa.Column("reason", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("event", sa.String(64), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("user_id", sa.String(64)),
        sa.Column("actor", sa.Text),
        sa.Column("address", sa.String(64)),
        sa.Column("weight", sa.Float),
        sa.Column("award_id", sa.String(64)),
        sa.Column("at", sa.BigInteger, nullable=False, index=True),
        sa.Index("ix_audit_user_id", "user_id", "id"),
        sa.Index("ix_audit_address", "address", "id"),
    )
