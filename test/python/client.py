"""Calls a pipeline service: client.py ADDRESS INPUT_FILE OUTPUT_FILE. Prints one JSON object."""
import json
import sys

import grpc

import wire

address, input_file, output_file = sys.argv[1:4]
with grpc.insecure_channel(address) as channel:
    found = {}
    for name in ("", "ContainerExecutor"):
        check = channel.unary_unary("/grpc.health.v1.Health/Check")
        found[name] = wire.fields(check(wire.text(1, name), timeout=10)).get(1, 0)
    execute = channel.unary_unary("/ContainerExecutor/Execute")
    try:
        reply = execute(wire.encode_request(input_file, output_file), timeout=30)
        success, message = wire.decode_response(reply)
        result = {"success": success, "message": message}
    except grpc.RpcError as error:
        retry_after = dict(error.trailing_metadata() or ()).get("grpc-retry-pushback-ms")
        result = {"code": error.code().name, "details": error.details(), "retry_after": retry_after}
    print(json.dumps({"health": found, **result}))
