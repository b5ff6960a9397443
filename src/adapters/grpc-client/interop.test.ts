// gRPC's interop tests against three servers: of grpc-js, of the C core in Python, and the one that gRPC itself tests
// with, in Go, which `go build` in src/testing/peers/grpc-go makes and BUSBAR_GRPC_GO names.
import { fileURLToPath } from "node:url";
import { describeInterop } from "../../testing/interop-suite.ts";
import { startInteropJs, startInteropProgram } from "../../testing/peers/interop-server.ts";
import { requireGrpcioPython } from "../../testing/python.ts";
import { requirePeer } from "../../testing/require.ts";
import type { Fault, TlsFault } from "./fault.ts";

const python = requireGrpcioPython();
const pythonServer = fileURLToPath(new URL("../../testing/peers/grpc-python/server.py", import.meta.url));
const go = requirePeer("grpc-go", () => process.env.BUSBAR_GRPC_GO, "BUSBAR_GRPC_GO does not name a built peer");

/** A server that says why it refuses a certificate, in an alert. */
const alerts = (address: string) => {
  const tls = (fault: TlsFault): Fault => ({ kind: "tls", address, tls: fault });
  return {
    none: tls({ sort: "clientCertificateRequired" }),
    ours: tls({ sort: "clientCertificateRefused", alert: "unknown ca" }),
  };
};
/** One that hangs up without a word. */
const hangsUp = (address: string): Fault => ({ kind: "hungUp", address, phase: "preface" });

describeInterop("grpc-js", {
  skip: false,
  start: startInteropJs,
  compresses: [],
  refusals: { other: (address) => ({ none: alerts(address).none, ours: hangsUp(address) }) },
});

describeInterop("grpcio", {
  skip: python.skip,
  start: () => startInteropProgram(python.found ? python.peer : "", [pythonServer]),
  compresses: ["unary", "streams"],
  refusals: { other: (address) => ({ none: hangsUp(address), ours: hangsUp(address) }) },
});

describeInterop("grpc-go", {
  skip: go.skip,
  start: () => startInteropProgram(go.found ? go.peer : ""),
  moreWays: ["mtls-1.2"],
  // It compresses a stream whole or not at all.
  compresses: ["unary"],
  refusals: { other: alerts, "other-1.2": alerts },
});
