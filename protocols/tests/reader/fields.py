"""Fields of messages: a name, a type, and whether it has to be there."""

from refused import refuse

TIME = 2**53


def uint(most=2**64 - 1, least=0):
    def check(value):
        if type(value) is not int or not least <= value <= most:
            refuse(f"no number from {least} to {most}")
        return value

    return check


def octets(exactly=None, most=None):
    def check(value):
        if not isinstance(value, bytes) or exactly not in (None, len(value)):
            refuse(f"no bytes, or not {exactly}")
        if most is not None and len(value) > most:
            refuse(f"more than {most} bytes")
        return value

    return check


def text(most=None):
    def check(value):
        if not isinstance(value, str) or most is not None and len(value.encode()) > most:
            refuse("no text, or too long")
        return value

    return check


def flag(value):
    if type(value) is not bool:
        refuse("no boolean")
    return value


def each(check, most=None):
    def check_all(value):
        if not isinstance(value, list) or most is not None and len(value) > most:
            refuse("no list, or too long")
        return [check(item) for item in value]

    return check_all


def optional(check):
    def check_if_any(value):
        return None if value is None else check(value)

    check_if_any.optional = True
    return check_if_any


def read(value, **checks):
    """The known fields of a map; what is not known is ignored."""
    if not isinstance(value, dict):
        refuse("no map")
    known = {}
    for name, check in checks.items():
        if name not in value and not getattr(check, "optional", False):
            refuse(f"{name} is missing")
        known[name] = check(value.get(name))
    return known


def choice(value, **variants):
    """A map with exactly one key, which says what it is."""
    if not isinstance(value, dict) or len(value) != 1:
        refuse("not exactly one key")
    ((name, contents),) = value.items()
    if name not in variants:
        refuse(f"{name} is not known")
    return name, read(contents, **variants[name])
