"""Django's hashers at a cost that a test can pay."""
from django.contrib.auth import hashers


class PBKDF2(hashers.PBKDF2PasswordHasher):
    iterations = 1000


class Argon2(hashers.Argon2PasswordHasher):
    time_cost = 1
    memory_cost = 64
    parallelism = 1


class BCryptSHA256(hashers.BCryptSHA256PasswordHasher):
    rounds = 4


if hasattr(hashers, "ScryptPasswordHasher"):  # since 4.0

    class Scrypt(hashers.ScryptPasswordHasher):
        work_factor = 16
        parallelism = 1
