from django.contrib.auth.hashers import Argon2PasswordHasher


class LeanArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id with OWASP's minimum of 19 MiB and two passes.

    Django's own 100 MiB a hash would let a handful of simultaneous logins exhaust a small worker.
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
