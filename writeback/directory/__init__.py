"""Step 6 of 8: Active Directory over LDAPS. `ldap3` lives here and nowhere else."""
