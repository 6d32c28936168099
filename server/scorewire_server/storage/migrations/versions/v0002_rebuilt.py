"""When the standings were last mended: scores told before may be of wrong standings."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds the position to the ledger's one row."""
    op.add_column("ledger", sa.Column("rebuilt_position", sa.BigInteger, nullable=False, server_default="0"))
