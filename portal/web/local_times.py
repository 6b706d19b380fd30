"""Times as pages show them, with their zone: to the second for admins, to the minute for people."""

import math
from datetime import UTC, datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _


def to_second(instant: datetime | None) -> str:
    """Return a time in the zone of the settings, such as "2026-11-21 01:23:45 UTC"; empty for None."""
    if instant is None:
        return ""
    local = timezone.localtime(instant)
    return f"{local:%Y-%m-%d %H:%M:%S} {local.tzname()}"


def to_minute(seconds: float) -> str:
    """Return a Unix time such as "14:21 on 30 November (UTC)", rounded up to the minute."""
    local = timezone.localtime(datetime.fromtimestamp(math.ceil(seconds / 60) * 60, UTC))
    time, day = formats.time_format(local, "H:i"), formats.date_format(local, "j F")
    return _("%(time)s on %(day)s (%(zone)s)") % {"time": time, "day": day, "zone": local.tzname()}
