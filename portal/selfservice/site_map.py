"""The pages of this app to which the apps below it lead."""

from portal.web.site_map import SiteMap
from writeback.envelope.jobs import Operation

SITE_MAP = SiteMap(
    home="home",
    sign_in="sign-in",
    sign_out="sign-out",
    ways="ways",
    begin={
        Operation.RESET: "reset",
        Operation.UNLOCK: "unlock",
        Operation.CHANGE: "change",
        Operation.REGISTER: "sign-in",
    },
    act={Operation.CHANGE: "change", Operation.REGISTER: "ways"},
    act_in_attempt={Operation.RESET: "password", Operation.UNLOCK: "unlock-now"},
    result="result",
    ended="selfservice/ended.html",
)
