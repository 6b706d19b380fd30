"""What is recorded when Django says that somebody signs in or out."""

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

from portal.staff.flows import record_refused_sign_in, record_sign_in, record_sign_out

user_logged_in.connect(record_sign_in)
user_logged_out.connect(record_sign_out)
user_login_failed.connect(record_refused_sign_in)
