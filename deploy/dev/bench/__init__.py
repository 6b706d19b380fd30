"""The figures that Keyback is held to, measured against a bare LDAP client in the same run."""
