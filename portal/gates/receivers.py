"""Records in the audit when the door turns somebody away."""

from portal.gates.flows import record_turned_away
from portal.throttle.signals import turned_away

turned_away.connect(record_turned_away)
