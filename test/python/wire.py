"""The messages of ContainerExecutor, written by hand from the wire contract."""


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def text(number, value):
    data = value.encode("utf-8")
    return varint(number << 3 | 2) + varint(len(data)) + data if data else b""


def fields(data):
    """Field number -> value: int for varints, bytes for strings."""
    found, at = {}, 0

    def read():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        tag = read()
        value = read()
        if tag & 7 == 2:
            end = at + value
            value, at = data[at:end], end
        found[tag >> 3] = value
    return found


def encode_request(input_file, output_file):
    return text(1, input_file) + text(2, output_file)


def decode_request(data):
    found = fields(data)
    return found.get(1, b"").decode("utf-8"), found.get(2, b"").decode("utf-8")


def encode_response(success, message):
    return (b"\x08\x01" if success else b"") + text(2, message)


def decode_response(data):
    found = fields(data)
    return bool(found.get(1, 0)), found.get(2, b"").decode("utf-8")
