"""The tables. What a thief could use stands in sealed columns, each marked so."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
)

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", String(255), nullable=False),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", LargeBinary(16), primary_key=True),
    Column("directory", String(64), nullable=False),
    Column("guid", LargeBinary(16), nullable=False),
    Column("typed", String(32), nullable=False, default=""),  # keyed digest of the name, before proof
    Column("chain", String(32), nullable=False, default=""),  # of the browser, before proof
    Column("decoy", Boolean, nullable=False),
    Column("operation", String(16), nullable=False),
    Column("state", String(8), nullable=False),  # open, spent, void
    Column("created", Double, nullable=False),
    Column("touched", Double, nullable=False),
    Column("expires", Double, nullable=False),
    Column("reserved_by", LargeBinary(16)),  # jti of the job at INTENT
    Column("refusals", Integer, nullable=False, default=0),
    # of somebody who is served: for notices
    Column("account", String(256), nullable=False, default=""),
    Column("mail", LargeBinary),  # sealed: the address in the directory
    # of a REGISTER attempt only
    Column("first", Boolean, nullable=False, default=False),
    Column("pwd_last_set", BigInteger, nullable=False, default=0),  # of the account at its sign-in
    Index("attempts_person", "directory", "guid"),
)

marks = Table(
    "marks",
    metadata,
    Column("attempt", LargeBinary(16), primary_key=True),
    Column("method", String(16), primary_key=True),
    Column("factor", LargeBinary(16), nullable=False),
    Column("at", Double, nullable=False),
)

factors = Table(
    "factors",
    metadata,
    Column("id", LargeBinary(16), primary_key=True),
    Column("directory", String(64), nullable=False),
    Column("guid", LargeBinary(16), nullable=False),
    Column("method", String(16), nullable=False),
    Column("state", String(8), nullable=False),  # pending, active, removed, disabled
    Column("attempt", LargeBinary(16), nullable=False),  # in which it was enrolled
    Column("created", Double, nullable=False),
    Column("confirmed", Double, nullable=False, default=0.0),
    Column("ended", Double, nullable=False, default=0.0),
    Column("secret", LargeBinary),  # sealed
    Column("destination", LargeBinary),  # sealed
    Column("box", LargeBinary(32)),  # keyed digest of the mailbox: one box is one factor
    Column("failures", Integer, nullable=False, default=0),
    Column("last_step", BigInteger, nullable=False, default=0),
    Column("last_used", Double, nullable=False, default=0.0),
    Index("factors_person", "directory", "guid"),
)

codes = Table(
    "codes",
    metadata,
    Column("attempt", LargeBinary(16), primary_key=True),
    Column("factor", LargeBinary(16), primary_key=True),  # the handle by which the portal names it
    Column("mac", LargeBinary(32), nullable=False),
    Column("expires", Double, nullable=False),
    Column("tries", Integer, nullable=False, default=0),
)

chains = Table(
    "chains",
    metadata,
    Column("chain", LargeBinary(16), primary_key=True),
    Column("directory", String(64), primary_key=True),
    Column("guid", LargeBinary(16), primary_key=True),
    Column("at", Double, nullable=False),  # when enough was proven in it
    Index("chains_person", "directory", "guid"),
)

tries = Table(
    "tries",
    metadata,
    Column("whose", LargeBinary(16), primary_key=True),  # a factor, or a digest of typed name and method
    Column("source", String(16), primary_key=True),
    Column("began", Double, nullable=False),  # of the year in which `wrong` counts
    Column("wrong", Integer, nullable=False),
    Column("in_a_row", Integer, nullable=False),
    Column("last", Double, nullable=False),
    Column("rests_until", Double, nullable=False),
    Index("tries_last", "last"),
)

hits = Table(
    "hits",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subject", String(160), nullable=False),
    Column("at", Double, nullable=False),
    Column("ticket", LargeBinary(16), nullable=False, index=True),
    Index("hits_subject", "subject", "at"),
)

journal = Table(
    "journal",
    metadata,
    Column("jti", LargeBinary(16), primary_key=True),
    Column("job", String(32), nullable=False),
    Column("writes", Boolean, nullable=False),
    Column("state", String(8), nullable=False),
    Column("owner", LargeBinary(16), nullable=False),  # the process that took the job (processes.py)
    Column("received", Double, nullable=False),
    Column("expires", Double, nullable=False),
    # from INTENT on
    Column("attempt", LargeBinary(16)),
    Column("directory", String(64)),
    Column("guid", LargeBinary(16)),
    Column("operation", String(16)),
    Column("locale", String(35)),
    Column("dc", String(255)),
    Column("pwd_last_set", BigInteger),
    Column("locked", Boolean),
    Column("intended", Double, nullable=False, default=0.0),
    Column("deadline", Double, nullable=False, default=0.0),
    # from the end on
    Column("outcome", String(32)),
    Column("facts_kind", Integer),
    Column("facts", LargeBinary),
    Index("journal_state", "state"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", LargeBinary(16), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("locale", String(35), nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # sealed: destination and parameters
    Column("due", Double, nullable=False),
    Column("expires", Double, nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Index("outbox_due", "due"),
)
