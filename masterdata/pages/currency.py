"""Choosing what money is shown in."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from masterdata.currencies import COOKIE, currency_codes

YEAR_S = 365 * 86_400


@require_POST
def choose_currency(request: HttpRequest) -> HttpResponse:
    """Remember the currency on this device and go back to the page; an unknown one changes nothing."""
    back = request.POST.get("next", "/")
    hosts = {request.get_host()}
    if not url_has_allowed_host_and_scheme(back, hosts, require_https=request.is_secure()):
        back = "/"
    answer = HttpResponseRedirect(back)
    code = request.POST.get("currency", "")
    if code in currency_codes():
        answer.set_cookie(COOKIE, code, max_age=YEAR_S, secure=request.is_secure(), httponly=True, samesite="Lax")
    return answer
