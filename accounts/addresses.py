"""E-mail addresses as they are compared: without case, as the database compares them."""


def lowered(address: str) -> str:
    """The address in small letters, as PostgreSQL's ``lower`` has it.

    Python alone makes two characters of the Turkish İ, where the database makes an i: an address written with it finds
    an account whose address is written without, and is to be counted as that.
    """
    return address.strip().replace("İ", "i").lower()
