"""Forms that come once more because a page is loaded again: what they ask for is not done again."""

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

POSTED = "posted"
MOST = 30  # forms that one session remembers


def came_before(request: HttpRequest) -> bool:
    """Tell whether this very form was posted before, and remember it.

    Every form that is shown carries another mask of its CSRF token. So the same address with the same body is
    the same form with the same words in it, sent again; other words in it are another try. Only a keyed hash
    is kept, and it is written at once: whoever loads the page again doesn't wait for the first answer.
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
