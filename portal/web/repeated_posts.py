"""Recognises forms that are sent again because a page is reloaded, so that nothing is done twice."""

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

POSTED = "posted"
MOST = 30  # forms that one session remembers


def came_before(request: HttpRequest) -> bool:
    """Tell whether this very form was posted before, and remember it.

    Django masks the CSRF token anew each time that it shows a form. So if address and body are the same, it
    is the same form sent again; with other input, it is another try. Only a keyed hash is kept. It is saved
    at once, because a person may reload the page before the first response has come.
    """
    if "csrfmiddlewaretoken" not in request.POST:
        return False
    form = salted_hmac(
        "portal.web.repeated_posts", request.path.encode() + b"\n" + request.body, algorithm="sha256"
    )
    digest, earlier = form.hexdigest()[:32], request.session.get(POSTED, [])
    if digest in earlier:
        return True
    request.session[POSTED] = [*earlier, digest][-MOST:]
    request.session.save()
    return False
