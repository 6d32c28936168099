"""The tables of the journal."""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, SmallInteger, String, Table, Text, UniqueConstraint

metadata = MetaData()

actions = Table(
    "actions",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, doc="grows with every action"),
    Column("user_id", String(64), nullable=False),
    Column("request_id", String(64), nullable=False, doc="the client's, or one that the server made"),
    Column("action_type", String(64), nullable=False),
    Column("input_hash", String(43), nullable=False, doc="SHA-256 of action type and input; empty if not repeatable"),
    Column("action_id", String(22), nullable=False, doc="random: who has claimed the action knows it"),
    Column("display_name", String(32)),
    Column("delivery", String(8), nullable=False, doc="`internal` or `ticket`"),
    Column("claimed_at", BigInteger, nullable=False, doc="milliseconds since 1970"),
    Column("stage", SmallInteger, nullable=False, doc="1 claimed, 2 ended, 3 settled"),
    Column("ending", String(11), nullable=False, doc="empty while claimed; `done`, `refused` or `interrupted`"),
    Column("data", Text, nullable=False, doc="the action data, or the handler's refusal as JSON"),
    Column("points", Integer, nullable=False),
    Column("award_id", String(43), nullable=False, doc="of the ledger; empty where nothing is earned"),
    Column("due", BigInteger, doc="when the relay may deliver the award; null where there is nothing to deliver"),
    Column("score", BigInteger, doc="the user's score after the award was delivered"),
    Column("rejection", Text, doc="why ScoreService refused the award for good, as JSON"),
    Column("signed_in_at", BigInteger, doc="when the user had signed in; null where that is not known"),
    Column("address", String(45), doc="of the user's client; null where that is not known"),
    Column("told_at", BigInteger, nullable=False, doc="when it could last lead to an award, within `TOLD_MS`"),
    UniqueConstraint("user_id", "request_id", name="actions_key"),
)

_owed = actions.c.due.is_not(None)
Index("actions_owed", actions.c.number, actions.c.due, actions.c.user_id, sqlite_where=_owed, postgresql_where=_owed)
Index("actions_told_at", actions.c.told_at)

journal = Table(
    "journal",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False, doc="1: the table has one row"),
    Column("knows_since", BigInteger, nullable=False, doc="no award from then on is of an action that is forgotten"),
)
