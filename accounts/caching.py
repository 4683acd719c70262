"""What changes of users, teams and memberships outdate.

Those that no row announces (``QuerySet.update``, other programs) are seen within a minute, when snapshots end.
"""

from collections.abc import Iterator

from accounts.models import ApiKey, Membership, SignIn, Team, User
from accounts.snapshots import team_tag, user_tag
from config.cache.rows import outdates


def connect() -> None:
    outdates(User, _of_user)
    outdates(Membership, lambda membership: (user_tag(membership.user_id), team_tag(membership.team_id)))
    outdates(SignIn, lambda sign_in: (user_tag(sign_in.user_id),))
    outdates(ApiKey, lambda key: (user_tag(key.user_id),))
    outdates(Team, lambda team: (team_tag(team.pk),))


def _of_user(user: User) -> Iterator[str]:
    yield user_tag(user.pk)
    # Their name stands on what they made, wherever their teams can see it.
    teams = Membership.objects.filter(user_id=user.pk).values_list("team_id", flat=True)
    yield from map(team_tag, teams)
