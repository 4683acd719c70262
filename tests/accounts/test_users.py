"""Users, their personal teams, and the rules that the database keeps."""

import threading
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import identify_hasher
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from accounts.choices import Role
from accounts.models import Membership, Team, User
from accounts.services import personal_team, team_role, user_create
from tests.factories import PASSWORD, team_make, user_make

pytestmark = pytest.mark.django_db


def test_a_user_starts_with_a_personal_team_they_own() -> None:
    user = user_create(email="Ada@Example.COM", name="Ada")

    team = personal_team(user)
    assert user.email == "Ada@example.com"
    assert (team.name, team.is_personal, team_role(user, team)) == ("Ada", True, Role.OWNER)
    assert list(user.my_teams()) == [team]


def test_a_long_address_still_names_a_team() -> None:
    user = user_create(email="a" * 200 + "@example.com")

    assert personal_team(user).name == "a" * 150


def test_an_address_is_needed() -> None:
    with pytest.raises(ValueError, match="address"):
        user_create(email="")


@pytest.mark.parametrize("same", ["ADA@example.com", "ada@EXAMPLE.com", "aDa@eXample.com"])
def test_an_address_is_taken_whatever_its_case(same: str) -> None:
    user_create(email="ada@example.com")

    with pytest.raises(IntegrityError), transaction.atomic():
        user_create(email=same)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.bulk_create([User(email=same)])
    with pytest.raises(ValidationError, match="already exists"):
        User(email=same, password="x").full_clean()

    assert User.objects.count() == Team.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_users_made_at_once_with_one_address_one_wins() -> None:
    barrier = threading.Barrier(2)
    outcomes: list[str] = []

    def make(email: str) -> None:
        try:
            barrier.wait()
            user_create(email=email)
            outcomes.append("made")
        except IntegrityError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=make, args=[email]) for email in ("ada@example.com", "ADA@example.com")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["made", "refused"]
    assert User.objects.count() == Team.objects.count() == Membership.objects.count() == 1


def test_signing_in_compares_addresses_without_case() -> None:
    user = user_make(email="ada@example.com", password=PASSWORD)

    assert authenticate(username="ADA@Example.com", password=PASSWORD) == user
    assert authenticate(username="ada@example.com", password=PASSWORD.upper()) is None


def test_looking_up_an_address_uses_the_index(django_assert_num_queries: Any) -> None:
    user_make(email="ada@example.com")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    with django_assert_num_queries(1) as queries:
        User.objects.get_by_natural_key("ADA@example.com")
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + queries.captured_queries[0]["sql"])
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "accounts_user_email_unique" in plan


def test_passwords_are_hashed_with_lean_argon2() -> None:
    user = user_make(password=PASSWORD)

    assert identify_hasher(user.password).algorithm == "argon2"
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in user.password
    assert user.check_password(PASSWORD)


def test_a_user_without_a_password_cannot_sign_in() -> None:
    user = user_make()

    assert not user.has_usable_password()
    assert authenticate(username=user.email, password="") is None


def test_createsuperuser_makes_a_personal_team_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)

    call_command("createsuperuser", email="root@example.com", interactive=False, verbosity=0)

    user = User.objects.get_by_natural_key("root@example.com")
    assert (user.is_staff, user.is_superuser, user.check_password(PASSWORD)) == (True, True, True)
    assert team_role(user, personal_team(user)) == Role.OWNER


def test_one_role_a_team_and_only_known_roles() -> None:
    user = user_make()
    team = team_make((user, Role.VIEWER))

    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=user, team=team, role=Role.OWNER)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.filter(user=user, team=team).update(role="god")
    with pytest.raises(IntegrityError), transaction.atomic():
        Team.objects.create(name="second", personal_of=user)

    assert team_role(user, team) == Role.VIEWER


def test_teams_of_a_user_carry_the_role_there() -> None:
    user, other = user_make(name="Ada"), user_make()
    shared = team_make((user, Role.EDITOR), (other, Role.OWNER), name="Zinc")
    team_make((other, Role.OWNER))

    assert [(team.name, team.my_role) for team in user.my_teams()] == [("Ada", "owner"), ("Zinc", "editor")]
    assert set(Team.objects.writable_by(user)) == {personal_team(user), shared}
    assert team_role(user, personal_team(other)) is None
