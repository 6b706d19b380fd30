"""Measures Keyback's performance goals, against a bare LDAP client in the same run."""
