"""A project as its share link shows it, for the API and the page alike."""

from django.http import Http404

from projects import sharing
from projects.models import Project

# The address of what is shared is its secret: it is told to nobody who is linked to, and to no search engine.
UNTOLD = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}


def shared_project(token: str) -> Project:
    """The project that a link shows, whose use is noted. Raises Http404 where it shows none, or no longer."""
    link = sharing.share_link_find(token=token) if len(token) <= 100 else None
    if link is None:
        raise Http404
    sharing.share_link_used(link=link)
    return link.project
