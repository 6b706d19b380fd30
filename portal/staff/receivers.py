"""Records in the audit when somebody signs in to the admin or out of it."""

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

from portal.staff.flows import record_refused_sign_in, record_sign_in, record_sign_out

user_logged_in.connect(record_sign_in)
user_logged_out.connect(record_sign_out)
user_login_failed.connect(record_refused_sign_in)
