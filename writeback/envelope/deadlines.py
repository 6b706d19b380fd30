"""Times, in seconds, that must fit together: those of a directory, of the worker and of the portal."""

from writeback.envelope.wire import SKEW

LONGEST_CALL = 12
"""Most that one call may keep a directory; `total` in writeback.toml may be less."""

BEGIN_WITHIN = 3
"""An intended write that has not begun by then is given up."""

JUDGED_AFTER = BEGIN_WITHIN + LONGEST_CALL
"""Age of an INTENT from which on its write can't be under way, so that other workers may judge it."""

GIVEN_UP_AFTER = 10 * 60
"""A worker tries for so long after the end of a job to learn from a directory what became of its write."""

UNKNOWN_FOR = GIVEN_UP_AFTER + SKEW
"""For so long after the end of a job the portal asks what became of it; the clocks may differ by SKEW."""

SIGN_COUNTS_AFTER = 15
"""A sign of the person counts for the end of an attempt if the last one is older than this."""

SIGNED_IN_IDLE = 15 * 60
"""A sign-in that is not used for so long ends at the worker, and so does the portal's session of it."""
