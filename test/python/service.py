"""A pipeline service as the original's are: grpcio, no package, no reflection.

service.py [--health] listens on a free port of 127.0.0.1 and prints `READY <address>`, then one JSON
object a call: the request and the metadata. What the input file is called says how the call ends.
It stops when its stdin closes.
"""
import json
import sys
import time
from concurrent import futures

import grpc

import wire


def execute(request, context):
    input_file, output_file = wire.decode_request(request)
    metadata = {key: value for key, value in context.invocation_metadata() if isinstance(value, str)}
    seen = {"input_file": input_file, "output_file": output_file, "metadata": metadata}
    print(json.dumps(seen), flush=True)
    if input_file == "fail":
        return wire.encode_response(False, "[Python] Failed to execute: as asked")
    if input_file == "raise":
        raise ValueError("as asked")
    if input_file == "abort":
        context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "too much")
    if input_file == "sleep":
        while context.is_active():
            time.sleep(0.01)
        print(json.dumps({"abandoned": True}), flush=True)
    return wire.encode_response(True, f"Python processed {input_file} to {output_file}")


def check(request, context):
    return b"\x08\x01"


server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
handlers = {"ContainerExecutor": {"Execute": execute}}
if "--health" in sys.argv:
    handlers["grpc.health.v1.Health"] = {"Check": check}
for service, methods in handlers.items():
    rpcs = {name: grpc.unary_unary_rpc_method_handler(function) for name, function in methods.items()}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, rpcs),))
port = server.add_insecure_port("127.0.0.1:0")
server.start()
print(f"READY 127.0.0.1:{port}", flush=True)
sys.stdin.read()
server.stop(0).wait()
