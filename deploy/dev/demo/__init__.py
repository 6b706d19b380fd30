"""The whole product on one machine, in the foreground, with a throw-away Active Directory."""
