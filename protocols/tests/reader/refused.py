"""Why something is refused."""


class Refused(Exception):
    pass


def refuse(why):
    raise Refused(why)
