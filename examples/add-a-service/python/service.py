"""The work as a service of a pipeline."""
import os
import signal
import sys
import threading
from concurrent import futures
from pathlib import Path

# Its own lines on stderr beside ours; set before it is imported.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

import energy_pipeline_pb2 as messages
import energy_pipeline_pb2_grpc as contract
from fingerprint import write_fingerprint

ROOT = Path(os.environ.get("DATA_ROOT") or "data").resolve()
HOST = (os.environ.get("HOST") or "127.0.0.1").strip("[]")
PORT = os.environ.get("PORT") or "50054"
ADDRESS = f"{f'[{HOST}]' if ':' in HOST else HOST}:{PORT}"


def locate(path: str) -> Path:
    """A relative path is taken from DATA_ROOT; what leads out of it, also by a link, is refused."""
    located = (ROOT / path).resolve()
    if not path or not located.is_relative_to(ROOT):
        raise PermissionError(f"{path!r} is outside DATA_ROOT {ROOT}")
    return located


class Fingerprint(contract.ContainerExecutorServicer):
    def Execute(self, request, context):
        # The same for every try of the same work. This work may be done twice; if yours must not be, remember the key.
        key = dict(context.invocation_metadata()).get("idempotency-key", "none")
        print(f"{key}: {request.input_file} -> {request.output_file}", file=sys.stderr, flush=True)
        if not ROOT.is_dir():
            # May be better in a moment: a status. UNAVAILABLE is tried again by default.
            context.abort(grpc.StatusCode.UNAVAILABLE, f"{ROOT} is not mounted")
        try:
            digest = write_fingerprint(locate(request.input_file), locate(request.output_file), context.is_active)
        except FileNotFoundError:
            return failure(f"Input file not found: {request.input_file}")
        except Exception as error:
            # Will be the same next time: an answer. The node fails, with these words.
            return failure(str(error) or type(error).__name__)
        return messages.ExecuteResponse(success=True, message=f"SHA-256 of {request.input_file} is {digest[:12]}…")


def failure(reason: str):
    return messages.ExecuteResponse(success=False, message=f"[Fingerprint] Failed to execute: {reason}")


def main() -> None:
    # gRPC takes 65536 for 0, 65537 for 1, and so on.
    if not (PORT.isascii() and PORT.isdecimal() and int(PORT) <= 65535):
        sys.exit(f"PORT must be a whole number from 0 to 65535, not {PORT!r}")
    # Without the option a second process can listen on the same port, and takes half of the calls.
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8), options=[("grpc.so_reuseport", 0)])
    contract.add_ContainerExecutorServicer_to_server(Fingerprint(), server)
    healthy = health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(healthy, server)
    healthy.set("", health_pb2.HealthCheckResponse.SERVING)
    try:
        port = server.add_insecure_port(ADDRESS)
    except RuntimeError as error:
        sys.exit(f"fingerprint cannot listen on {ADDRESS}: {error}")

    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    server.start()
    print(f"READY fingerprint {ADDRESS.rpartition(':')[0]}:{port}", flush=True)
    stopping.wait()
    healthy.enter_graceful_shutdown()
    server.stop(grace=10).wait()


if __name__ == "__main__":
    main()
