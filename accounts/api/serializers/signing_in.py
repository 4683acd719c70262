from rest_framework import serializers

from accounts.api.serializers.users import MeSerializer
from config.http.serializers import WireSerializer


class LoginSerializer(WireSerializer):
    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(max_length=1024, trim_whitespace=False, style={"input_type": "password"})


class RefreshSerializer(WireSerializer):
    refresh_token = serializers.CharField(max_length=4096)


class LogoutSerializer(WireSerializer):
    refresh_token = serializers.CharField(max_length=4096, required=False)


class TokenPairSerializer(WireSerializer):
    access_token = serializers.CharField()
    refresh_token = serializers.CharField()
    token_type = serializers.CharField(help_text="Bearer")
    expires_in = serializers.IntegerField(help_text="Seconds that the access token lasts.")
    user = MeSerializer()
