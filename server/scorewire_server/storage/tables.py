"""The tables of ScoreService."""

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
)

metadata = MetaData()

# An INTEGER primary key is the row's own number on SQLite, and costs no index beside the table.
_number = BigInteger().with_variant(Integer, "sqlite")

ledger = Table(
    "ledger",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False, doc="1: the table has one row"),
    Column("database_id", String(32), nullable=False, doc="tells this database from every other"),
    Column("position", BigInteger, nullable=False, doc="of the newest award; 0 while there is none"),
    Column("hash", LargeBinary(32), nullable=False, doc="of the newest award"),
    Column("holder", String(32), doc="random: the score server that may write knows it; null before there was one"),
    Column(
        "decided_position", BigInteger, nullable=False, doc="of the newest decision about a user; 0 while there is none"
    ),
    Column(
        "rebuilt_position",
        BigInteger,
        nullable=False,
        server_default="0",
        doc="of the newest award when the standings were last mended; 0 where they never were",
    ),
)

awards = Table(
    "awards",
    metadata,
    Column("position", _number, primary_key=True, autoincrement=False, doc="1, 2, 3, … without gaps, as committed"),
    Column("award_id", String(64), nullable=False, unique=True, doc="an award counts once, ever"),
    Column("user_id", String(64), nullable=False),
    Column("action_type", String(64), nullable=False, doc="empty for a decision about a user"),
    Column("points", BigInteger, nullable=False, doc="a void takes back what may be the least of 32-bit integers"),
    Column("boards", Text, nullable=False, doc="ids of the boards it counts on, comma-separated; none for a decision"),
    Column("kind", String(10), nullable=False, doc="of storage/records.py"),
    Column("score", BigInteger, nullable=False, doc="the user's score after it, on the first of the boards"),
    Column("awarded_at", BigInteger, nullable=False, doc="milliseconds since 1970"),
    Column("actor", Text, doc="the service that gave it, by its certificate, or who decided; null for a ticket"),
    Column("quarantined", SmallInteger, nullable=False, doc="1 where the user was in quarantine, else 0"),
    Column("reason", Text, doc="why, in the words of whoever decided; null for what an action earned"),
    Column("hash", LargeBinary(32), nullable=False, doc="SHA-256 over the previous award's hash and this row"),
    Column(
        "acted_at",
        BigInteger,
        doc="when it was earned, if rules limit its action type; null if not, and once it is voided; not in the hash",
    ),
)

Index("awards_user", awards.c.user_id, awards.c.position)

# Only limited awards are in the index, so that all others cost nothing.
_limited = awards.c.acted_at.is_not(None)
Index(
    "awards_limited",
    *[awards.c[name] for name in ("user_id", "action_type", "acted_at", "points")],
    sqlite_where=_limited,
    postgresql_where=_limited,
)

standings = Table(
    "standings",
    metadata,
    Column("board_id", String(64), primary_key=True),
    Column("user_id", String(64), primary_key=True),
    Column("score", BigInteger, nullable=False),
    Column("reached_position", BigInteger, nullable=False, doc="of the award that led to the score"),
    sqlite_with_rowid=False,
)

restrictions = Table(
    "restrictions",
    metadata,
    Column("user_id", String(64), primary_key=True),
    Column("state", String(11), nullable=False, doc="`clear`, `quarantined` or `blocked`"),
    Column("position", BigInteger, nullable=False, index=True, doc="of the decision that led to the state"),
    Column("reason", Text, nullable=False, doc="of that decision"),
    sqlite_with_rowid=False,
)

users = Table(
    "users",
    metadata,
    Column("user_id", String(64), primary_key=True),
    Column("display_name", String(32), nullable=False),
    sqlite_with_rowid=False,
)

audit = Table(
    "audit",
    metadata,
    Column("id", _number, primary_key=True, doc="in the order of writing"),
    Column("event", String(64), nullable=False, doc="a signal, the reason of a refusal, or a kind of decision"),
    Column("why", Text, nullable=False, doc="one line"),
    Column("user_id", String(64), doc="whom it is about, where that is known"),
    Column("actor", Text, doc="who did it, where that is not the user"),
    Column("address", String(64), doc="from where"),
    Column("weight", Float, doc="the suspicion that it adds"),
    Column("award_id", String(64)),
    Column("at", BigInteger, nullable=False, index=True, doc="milliseconds since 1970"),
    Index("ix_audit_user_id", "user_id", "id"),
    Index("ix_audit_address", "address", "id"),
)
