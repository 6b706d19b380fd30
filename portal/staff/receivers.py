"""What is recorded when Django says that somebody signs in or out."""

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

from portal.staff.flows import tell_refused, tell_signed_in, tell_signed_out

user_logged_in.connect(tell_signed_in)
user_logged_out.connect(tell_signed_out)
user_login_failed.connect(tell_refused)
