"""The rights that the service account needs, by GUID; `grant` prints them and the doctor checks them.

Extended rights: MS-ADTS 5.1.3.2.1. Property sets: 3.1.1.2.3.3. Classes and attributes: MS-ADSC and MS-ADA.
Property sets replace single attributes where one set holds all that is needed: access lists stay short.
"""

from uuid import UUID

CLASSES = {
    "user": UUID("bf967aba-0de6-11d0-a285-00aa003049e2"),
    "inetOrgPerson": UUID("4828cc14-1437-45bc-9b07-ad6f015e5f28"),
}
"""The classes of people; an entry that one class inherits is not inherited by the other."""
ON_PEOPLE = {
    "Reset Password": UUID("00299570-246d-11d0-a768-00aa006e0529"),
    "Change Password": UUID("ab721a53-1e2f-11d0-9819-00aa0040529b"),
}
WRITTEN = {
    "lockoutTime": UUID("28630ebf-41d5-11d1-a9c1-0000f80367c1"),
    "pwdLastSet": UUID("bf967a0a-0de6-11d0-a285-00aa003049e2"),
}
READ = {
    "Account Restrictions": UUID("4c164200-20c0-11d0-a768-00aa006e0529"),
    "General Information": UUID("59ba2f42-79a2-11d0-9020-00c04fc2d3cf"),
    "Public Information": UUID("e48d0154-bcf8-11d1-8702-00c04fb96050"),
    "tokenGroups": UUID("b7c69e6d-2cc7-11d2-854e-00a0c983f608"),
    "adminCount": UUID("bf967918-0de6-11d0-a285-00aa003049e2"),
    "badPwdCount": UUID("bf96792e-0de6-11d0-a285-00aa003049e2"),
    "badPasswordTime": UUID("bf96792d-0de6-11d0-a285-00aa003049e2"),
    "msDS-ResultantPSO": UUID("b77ea093-88d0-4780-9a98-911f8e8b1dca"),
}
UNEXPIRE_PASSWORD = UUID("ccc2dc7d-a6ad-4a7a-8846-c04e3cc53501")
