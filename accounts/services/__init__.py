"""What can be done with users and teams. Functions take domain objects and keywords, and own their transactions."""

from accounts.services.api_keys import api_key_create, api_key_end
from accounts.services.audit import audit_entry, audit_prune, changes_between, changes_merged, entries_merged
from accounts.services.deletion import account_delete, deletion_stakes, deletion_targets, register_holdings
from accounts.services.emails import email_change, email_change_ask, email_replaced
from accounts.services.invitations import (
    OtherAddress,
    TooSoon,
    invitation_accept,
    invitation_create,
    invitation_find,
    invitation_resend,
    invitation_revoke,
)
from accounts.services.letters import letter_post, letters_deliver, letters_wake
from accounts.services.passwords import password_change, password_confirm, password_reset, password_tell, reset_ask
from accounts.services.registration import email_verify, registration_ask, verification_ask
from accounts.services.sign_ins import sign_in_create, sign_in_end, sign_in_refresh, sign_ins_end
from accounts.services.teams import (
    TeamRefusal,
    member_add,
    member_remove,
    member_role_set,
    personal_team,
    personal_team_create,
    team_create,
    team_delete,
    team_hand_over,
    team_leave,
    team_lock,
    team_rename,
    team_role,
    teams_owned_alone,
)
from accounts.services.upkeep import accounts_upkeep
from accounts.services.users import administrator_keep, user_create, user_deactivate, user_update, user_verify

__all__ = [
    "OtherAddress",
    "TeamRefusal",
    "TooSoon",
    "account_delete",
    "accounts_upkeep",
    "administrator_keep",
    "api_key_create",
    "api_key_end",
    "audit_entry",
    "audit_prune",
    "changes_between",
    "changes_merged",
    "deletion_stakes",
    "deletion_targets",
    "email_change",
    "email_change_ask",
    "email_replaced",
    "email_verify",
    "entries_merged",
    "invitation_accept",
    "invitation_create",
    "invitation_find",
    "invitation_resend",
    "invitation_revoke",
    "letter_post",
    "letters_deliver",
    "letters_wake",
    "member_add",
    "member_remove",
    "member_role_set",
    "password_change",
    "password_confirm",
    "password_reset",
    "password_tell",
    "personal_team",
    "personal_team_create",
    "register_holdings",
    "registration_ask",
    "reset_ask",
    "sign_in_create",
    "sign_in_end",
    "sign_in_refresh",
    "sign_ins_end",
    "team_create",
    "team_delete",
    "team_hand_over",
    "team_leave",
    "team_lock",
    "team_rename",
    "team_role",
    "teams_owned_alone",
    "user_create",
    "user_deactivate",
    "user_update",
    "user_verify",
    "verification_ask",
]
