"""The server of gRPC's interop tests on grpcio (the C core), without generated code.

server.py CERTS listens in plaintext, over TLS, and over TLS that wants a client certificate, by a CA that signed ours
or by another. Prints a name and an address for each, then READY, and ends when its input does.
"""
import os
import sys
from concurrent import futures

import grpc

INITIAL = "x-grpc-test-echo-initial"
TRAILING = "x-grpc-test-echo-trailing-bin"
CODES = {code.value[0]: code for code in grpc.StatusCode}


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def fields(data):
    """Each field as number and value: int for varints, bytes for all else."""
    at = 0

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
        yield tag >> 3, value


def field(data, number, default=b""):
    return dict(fields(data)).get(number, default)


def length_delimited(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def answer(size):
    """A SimpleResponse or StreamingOutputCallResponse: both have a payload, and that a body."""
    return length_delimited(1, length_delimited(2, bytes(size)))


def is_true(wrapped):
    return field(wrapped, 1, 0) == 1


def echo_metadata(context):
    for key, value in context.invocation_metadata():
        if key == INITIAL:
            context.send_initial_metadata(((key, value),))
        if key == TRAILING:
            context.set_trailing_metadata(((key, value),))


def abort_as_asked(request, context):
    status = field(request, 7)
    code = field(status, 1, 0)
    if code != 0:
        context.abort(CODES[code], field(status, 2).decode())


def empty_call(request, context):
    return b""


def unary_call(request, context):
    if is_true(field(request, 6)):
        context.set_compression(grpc.Compression.Gzip)
    echo_metadata(context)
    abort_as_asked(request, context)
    return answer(field(request, 2, 0))


def answers(request, context):
    for number, parameters in fields(request):
        if number == 2:
            if not is_true(field(parameters, 3)):
                context.disable_next_message_compression()
            yield answer(field(parameters, 1, 0))


def streaming_output_call(request, context):
    context.set_compression(grpc.Compression.Gzip)
    yield from answers(request, context)


def streaming_input_call(requests, context):
    size = sum(len(field(field(request, 1), 2)) for request in requests)
    return varint(1 << 3) + varint(size)


def full_duplex_call(requests, context):
    echo_metadata(context)
    for request in requests:
        abort_as_asked(request, context)
        yield from answers(request, context)


METHODS = {
    "EmptyCall": grpc.unary_unary_rpc_method_handler(empty_call),
    "UnaryCall": grpc.unary_unary_rpc_method_handler(unary_call),
    "StreamingOutputCall": grpc.unary_stream_rpc_method_handler(streaming_output_call),
    "StreamingInputCall": grpc.stream_unary_rpc_method_handler(streaming_input_call),
    "FullDuplexCall": grpc.stream_stream_rpc_method_handler(full_duplex_call),
}


def pem(name):
    with open(os.path.join(sys.argv[1], name), "rb") as file:
        return file.read()


identity = ((pem("server.key"), pem("server.pem")),)
server = grpc.server(futures.ThreadPoolExecutor(max_workers=32))
server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("grpc.testing.TestService", METHODS),))
port = server.add_insecure_port("127.0.0.1:0")
print(f"plain 127.0.0.1:{port}")
for name, ca in (("tls", None), ("mtls", "ca.pem"), ("other", "other-ca.pem")):
    roots = None if ca is None else pem(ca)
    credentials = grpc.ssl_server_credentials(identity, roots, require_client_auth=roots is not None)
    print(f"{name} 127.0.0.1:{server.add_secure_port('127.0.0.1:0', credentials)}")
server.start()
print("READY", flush=True)
sys.stdin.read()
server.stop(0).wait()
