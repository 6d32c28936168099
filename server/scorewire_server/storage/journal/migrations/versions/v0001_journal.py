"""The actions, and how far back the journal knows them."""

import time

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Makes the tables with their indexes; the journal knows every action from now on."""
    op.create_table(
        "actions",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("action_type", sa.String(64), nullable=False),
        sa.Column("input_hash", sa.String(43), nullable=False),
        sa.Column("action_id", sa.String(22), nullable=False),
        sa.Column("display_name", sa.String(32)),
        sa.Column("delivery", sa.String(8), nullable=False),
        sa.Column("claimed_at", sa.BigInteger, nullable=False),
        sa.Column("stage", sa.SmallInteger, nullable=False),
        sa.Column("ending", sa.String(11), nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("points", sa.Integer, nullable=False),
        sa.Column("award_id", sa.String(43), nullable=False),
        sa.Column("due", sa.BigInteger),
        sa.Column("score", sa.BigInteger),
        sa.Column("rejection", sa.Text),
        sa.Column("signed_in_at", sa.BigInteger),
        sa.Column("address", sa.String(45)),
        sa.Column("told_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("user_id", "request_id", name="actions_key"),
    )
    owed = sa.text("due IS NOT NULL")
    columns = ["number", "due", "user_id"]
    op.create_index("actions_owed", "actions", columns, sqlite_where=owed, postgresql_where=owed)
    op.create_index("actions_told_at", "actions", ["told_at"])
    journal = op.create_table(
        "journal",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("knows_since", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(journal, [{"id": 1, "knows_since": int(time.time() * 1000)}])
