"""Times of the directory, the worker and the portal that depend on each other, in seconds."""

from writeback.envelope.wire import SKEW

LONGEST_CALL = 12
"""The longest time that one call to a directory may take; `total` in writeback.toml may be shorter."""

BEGIN_WITHIN = 3
"""The time after INTENT in which a write must begin; a write that has not begun by then is given up."""

JUDGED_AFTER = BEGIN_WITHIN + LONGEST_CALL
"""The age of an INTENT from which its write can't be under way any more, so other workers may judge it."""

GIVEN_UP_AFTER = 10 * 60
"""How long after a job expires a worker goes on asking the directory what became of its write."""

UNKNOWN_FOR = GIVEN_UP_AFTER + SKEW
"""How long after a job expires the portal goes on asking what became of it; the clocks may differ by SKEW."""

SIGN_COUNTS_AFTER = 15
"""A sign of the person is written into the attempt's row only if the last written one is older than this."""

SIGNED_IN_IDLE = 15 * 60
"""A sign-in that is not used for this long ends at the worker, and so does the portal's session."""
