"""Ed25519 signatures, verified as section 3.1 says."""

import hashlib

from refused import refuse

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
NEUTRAL = (0, 1, 1, 0)


def add(one, other):
    """The sum of two points, in extended coordinates."""
    x1, y1, z1, t1 = one
    x2, y2, z2, t2 = other
    a, b = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number, point):
    product = NEUTRAL
    while number:
        if number & 1:
            product = add(product, point)
        point = add(point, point)
        number >>= 1
    return product


def decode(encoded):
    """A point; a y that is not reduced and a sign on x = 0 are accepted."""
    number = int.from_bytes(encoded, "little")
    y = (number & (2**255 - 1)) % P
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P == -u % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if v * x * x % P != u:
        refuse("no point")
    if x & 1:
        x = -x % P
    if number >> 255:
        x = -x % P
    return x, y, 1, x * y % P


def encode(point):
    inverse = pow(point[2], -1, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def verify(key, message, signature):
    if len(signature) != 64:
        refuse("a signature has 64 bytes")
    first, scalar = signature[:32], int.from_bytes(signature[32:], "little")
    if scalar >= ORDER:
        refuse("S is not reduced")
    x, y, z, t = decode(key)
    hashed = int.from_bytes(hashlib.sha512(first + key + message).digest(), "little") % ORDER
    minus_key = (-x % P, y, z, -t % P)
    if encode(add(times(scalar, BASE), times(hashed, minus_key))) != first:
        refuse("the signature does not fit")


def strong(key):
    """A key that may stand for somebody: a point, and not of small order."""
    x, y, z, _ = times(8, decode(key))
    if x % P == 0 and (y - z) % P == 0:
        refuse("a weak key")
    return key
