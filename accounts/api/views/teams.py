"""Teams over HTTP: every member sees a team and its members, owners manage them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from accounts import services
from accounts.access import managed_team
from accounts.api.serializers.teams import (
    HandOverSerializer,
    InvitationSerializer,
    InvitationTokenSerializer,
    MemberSerializer,
    RoleSerializer,
    TeamSerializer,
)
from accounts.choices import Role
from accounts.models import Invitation, Membership, Team, User
from accounts.permissions import OwnerManages
from accounts.words import OTHER_ADDRESS
from config.http.limits import rate_limited
from config.http.problems import PROBLEM_MEDIA_TYPE, Problem, RateLimited
from config.http.schema import ProblemSerializer
from config.http.serializers import WireSerializer, sent
from config.http.viewsets import ModelViewSet, ReadOnlyModelViewSet

_CONFLICT: dict[Any, Any] = {(409, PROBLEM_MEDIA_TYPE): ProblemSerializer}


class NothingSerializer(WireSerializer):
    """An empty body."""


@contextmanager
def refusals() -> Iterator[None]:
    """What services refuse, as problems."""
    try:
        yield
    except services.TeamRefusal as error:
        raise Problem(409, "Conflict", str(error), error.code) from None
    except services.TooSoon as error:
        raise RateLimited(error.seconds) from None
    except services.OtherAddress:
        raise PermissionDenied(OTHER_ADDRESS) from None
    except (Team.DoesNotExist, Membership.DoesNotExist, Invitation.DoesNotExist):
        raise Http404 from None


class TeamViewSet(ModelViewSet):
    """One's teams."""

    queryset = Team.objects.none()
    serializer_class = TeamSerializer
    permission_classes = [IsAuthenticated, OwnerManages]
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    search_fields = ["name"]
    ordering_fields = ["name", "created_at"]
    ordering = ["name"]

    def get_queryset(self) -> QuerySet[Team]:
        return Team.objects.visible_to(self.request.user)

    def perform_create(self, serializer: BaseSerializer) -> None:
        serializer.instance = services.team_create(user=cast(User, self.request.user), **serializer.validated_data)

    def perform_update(self, serializer: BaseSerializer) -> None:
        serializer.instance = services.team_rename(team=cast(Team, serializer.instance), **serializer.validated_data)

    @extend_schema(responses={204: None, **_CONFLICT})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Delete a team that has no projects."""
        with refusals(), transaction.atomic():
            services.team_delete(team=self.get_locked_object())
        return Response(status=204)

    @extend_schema(request=NothingSerializer, responses={204: None, **_CONFLICT})
    @action(detail=True, methods=["post"], serializer_class=NothingSerializer)
    def leave(self, request: Request, pk: str) -> Response:
        """End one's own membership; the last owner hands the team over first."""
        with refusals():
            team = get_object_or_404(self.get_queryset(), pk=pk)
            services.team_leave(team=team, user=cast(User, request.user))
        return Response(status=204)

    @extend_schema(request=HandOverSerializer, responses={204: None, **_CONFLICT})
    @action(detail=True, methods=["post"], url_path="hand-over", serializer_class=HandOverSerializer)
    def hand_over(self, request: Request, pk: str) -> Response:
        """Make another member an owner, and oneself an editor."""
        given = sent(request, HandOverSerializer)
        with refusals(), transaction.atomic():
            team, user = managed_team(request.user, pk), cast(User, request.user)
            services.team_hand_over(team=team, user=user, to=given["member"])
        return Response(status=204)


class TeamMemberViewSet(ReadOnlyModelViewSet):
    """The members of a team, each with their role."""

    queryset = Membership.objects.none()
    serializer_class = MemberSerializer
    search_fields = ["user__name", "user__email"]
    ordering = ["user__name", "user__email"]

    def get_queryset(self) -> QuerySet[Membership]:
        team = get_object_or_404(Team.objects.visible_to(self.request.user).only("id"), pk=self.kwargs["team_id"])
        return Membership.objects.filter(team_id=team.pk).for_list()

    @extend_schema(request=RoleSerializer, responses={200: MemberSerializer, **_CONFLICT})
    def partial_update(self, request: Request, **kwargs: Any) -> Response:
        """Give a member another role; for owners."""
        given = sent(request, RoleSerializer)
        with refusals(), transaction.atomic():
            team = managed_team(request.user, self.kwargs["team_id"])
            role = Role(given["role"])
            membership = services.member_role_set(team=team, member=self.kwargs["user_id"], role=role)
        return Response(MemberSerializer(membership).data)

    @extend_schema(responses={204: None, **_CONFLICT})
    def destroy(self, request: Request, **kwargs: Any) -> Response:
        """Remove a member, whose next request finds nothing of the team any more; for owners."""
        with refusals(), transaction.atomic():
            team, member = managed_team(request.user, self.kwargs["team_id"]), self.kwargs["user_id"]
            if member == cast(User, request.user).pk:
                services.team_leave(team=team, user=cast(User, request.user))
            else:
                services.member_remove(team=team, member=member)
        return Response(status=204)


class InvitationViewSet(ReadOnlyModelViewSet):
    """Invitations into a team that wait for an answer; for owners."""

    queryset = Invitation.objects.none()
    serializer_class = InvitationSerializer
    ordering_fields = ["created_at", "email"]
    ordering = ["-created_at"]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        team = get_object_or_404(Team.objects.visible_to(request.user), pk=self.kwargs["team_id"])
        if team.my_role != Role.OWNER:
            raise PermissionDenied(OwnerManages.message)

    def get_queryset(self) -> QuerySet[Invitation]:
        return Invitation.objects.filter(team_id=self.kwargs["team_id"]).for_list()

    @extend_schema(responses={201: InvitationSerializer, **_CONFLICT})
    @rate_limited("invite", "user")
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Invite an address by mail. The answer is the same whether or not it has an account."""
        given = sent(request, InvitationSerializer)
        with refusals(), transaction.atomic():
            team = managed_team(request.user, self.kwargs["team_id"])
            invitation = services.invitation_create(team=team, user=cast(User, request.user), **given)
        return Response(InvitationSerializer(invitation).data, status=201)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take an invitation back."""
        with transaction.atomic():
            managed_team(request.user, self.kwargs["team_id"])
            services.invitation_revoke(invitation=self.get_object())
        return Response(status=204)

    @extend_schema(request=NothingSerializer, responses={200: InvitationSerializer})
    @rate_limited("invite", "user")
    def resend(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Send the mail again, five minutes after the last at the earliest; its link takes the place of the old one."""
        with refusals(), transaction.atomic():
            managed_team(request.user, self.kwargs["team_id"])
            services.invitation_resend(invitation=self.get_object())
        return Response(InvitationSerializer(self.get_object()).data)


class InvitationAcceptView(APIView):
    @extend_schema(request=InvitationTokenSerializer, responses=TeamSerializer)
    @rate_limited("anon", "user")
    def post(self, request: Request) -> Response:
        """Join the team that invited the address one is signed in with, by the token of the mailed link, once."""
        user, given = cast(User, request.user), sent(request, InvitationTokenSerializer)
        with refusals():
            membership = services.invitation_accept(user=user, token=given["token"])
        return Response(TeamSerializer(Team.objects.visible_to(user).get(pk=membership.team_id)).data)
