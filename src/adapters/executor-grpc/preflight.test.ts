import assert from "node:assert/strict";
import { connect, createServer } from "node:net";
import { afterEach, beforeEach, describe, it } from "node:test";
import { ServerCredentials, status } from "@grpc/grpc-js";
import type { Finding } from "../../engine/finding.ts";
import { file_energy_pipeline } from "../../gen/energy_pipeline_pb.ts";
import { file_health_v1_health } from "../../gen/health/v1/health_pb.ts";
import { createSteppingClock } from "../../kernel/clock.ts";
import { createSecrets } from "../../kernel/secrets.ts";
import type { Executor, PreflightOptions } from "../../ports/executor.ts";
import { CERT_FILES, readCerts } from "../../testing/peers/certs.ts";
import { describeFile, type ShortFile } from "../../testing/peers/describe-file.ts";
import { type GrpcPeer, type GrpcPeerOptions, startGrpcPeer } from "../../testing/peers/grpc.ts";
import { startNeverAnsweringPeer } from "../../testing/peers/http2.ts";
import { findRefusedAddress, listenAsPeer } from "../../testing/peers/peer.ts";
import { attemptAt, serviceAt } from "../../testing/peers/service.ts";
import { startHangUpPeer, startSilentPeer } from "../../testing/peers/tcp.ts";
import type { Service } from "../../workflow/model/service.ts";
import { createSystemClock } from "../system/clock.ts";
import { createGrpcExecutor } from "./executor.ts";

const SERVING = 1;
const NOT_SERVING = 2;
const CONTRACT: ShortFile = {
  services: { ContainerExecutor: { Execute: ["ExecuteRequest", "ExecuteResponse"] } },
  messages: {
    ExecuteRequest: ["string input_file = 1", "string output_file = 2"],
    ExecuteResponse: ["bool success = 1", "string message = 2"],
  },
};

describe("preflight", () => {
  const env = new Map<string, string>();
  const peers: GrpcPeer[] = [];
  let executor: Executor;
  beforeEach(() => {
    env.clear();
    executor = createGrpcExecutor({ secrets: createSecrets((name) => env.get(name)), clock: createSystemClock() });
  });
  afterEach(async () => {
    await executor.close?.();
    for (const peer of peers.splice(0)) await peer.close();
  });
  const start = async (options?: GrpcPeerOptions): Promise<GrpcPeer> => {
    const peer = await startGrpcPeer(options);
    peers.push(peer);
    return peer;
  };
  const check = async (
    services: readonly Service[],
    options: Partial<PreflightOptions> = {},
    signal = new AbortController().signal,
  ): Promise<readonly Finding[]> =>
    (await executor.preflight?.({ services, nodes: [] }, { timeoutMs: 20_000, waitMs: 0, ...options }, signal)) ?? [];
  /** `error SERVICE_…` of each finding about one peer. */
  const checkPeer = async (options: GrpcPeerOptions, changes?: Partial<Service>): Promise<readonly string[]> => {
    const peer = await start(options);
    return (await check([serviceAt(peer.address, changes)])).map(({ severity, code }) => `${severity} ${code}`);
  };

  it("finds nothing wrong with a service that has health and reflection, or neither", async () => {
    const describes = [file_energy_pipeline, file_health_v1_health];
    assert.deepEqual(await checkPeer({ health: () => SERVING, describes }, { health: "required" }), []);
    assert.deepEqual(await checkPeer({ health: () => SERVING, describes, onlyV1Alpha: true }), []);
    assert.deepEqual(await checkPeer({}), []);
    assert.deepEqual(await checkPeer({}, { health: "off" }), []);
  });

  it("calls no one, and warms the connection that calls then use", async () => {
    let checkedFrom = "";
    const health: GrpcPeerOptions["health"] = ({ from }) => {
      checkedFrom = from;
      return SERVING;
    };
    const peer = await start({ health, describes: [file_energy_pipeline] });
    const service = serviceAt(peer.address);
    await check([service]);
    assert.equal(peer.calls.length, 0);
    await executor.execute(attemptAt(service), new AbortController().signal);
    assert.equal(peer.calls[0]?.from, checkedFrom);
  });

  it("costs one connection, which the first call uses, whatever the service has", async () => {
    const has: readonly GrpcPeerOptions[] = [
      { health: () => SERVING, describes: [file_energy_pipeline] },
      { health: () => SERVING },
      {},
    ];
    for (const options of has) {
      const peer = await start(options);
      let connections = 0;
      const counting = createServer((near) => {
        connections += 1;
        const far = connect(peer.port, "127.0.0.1");
        for (const socket of [near, far]) socket.on("error", () => undefined);
        near.on("close", () => far.destroy());
        near.pipe(far).pipe(near);
      });
      await using between = await listenAsPeer(counting);
      const service = serviceAt(between.address);
      assert.deepEqual(await check([service]), []);
      const outcome = await executor.execute(attemptAt(service), new AbortController().signal);
      assert.equal(outcome.outcome, "succeeded");
      assert.equal(connections, 1);
    }
  });

  it("tells who asks for it that a contract was not checked, and why", async () => {
    const messages = async (options: GrpcPeerOptions) => {
      const peer = await start(options);
      const findings = await check([serviceAt(peer.address)], { tellUnchecked: true });
      return findings.map(
        ({ severity, code, message }) => `${severity} ${code} ${message.replace(peer.address, "HERE")}`,
      );
    };
    const told = "warning SERVICE_NO_REFLECTION analyzer at HERE is up; contract not checked: no reflection";
    for (const options of [{}, { health: () => SERVING }]) {
      const [first = "", ...others] = await messages(options);
      assert.ok(first.startsWith(told), first);
      assert.deepEqual(others, []);
    }
    assert.deepEqual(await messages({ health: () => SERVING, describes: [file_energy_pipeline] }), []);
  });

  it("tells for what it waits, once, and again when that changes", async () => {
    const address = await findRefusedAddress();
    const told: string[] = [];
    let isServing = false;
    const findings = check([serviceAt(address)], {
      waitMs: 60_000,
      onWaiting: (found) => {
        for (const { code } of found) told.push(code);
        if (told.length === 1) void start({ port: Number(address.split(":")[1]), health: () => (isServing ? 1 : 2) });
        if (told.length === 2) isServing = true;
      },
    });
    assert.deepEqual(await findings, []);
    assert.deepEqual(told, ["SERVICE_UNREACHABLE", "SERVICE_NOT_SERVING"]);
  });

  it("reports all findings of all services at once, in their order", async () => {
    const good = await start();
    const sick = await start({ health: () => NOT_SERVING, describes: [describeFile({})] });
    const refused = await findRefusedAddress();
    const missing = new Map([["authorization", [{ scope: "env", name: "NO_SUCH" } as const]]]);
    const findings = await check([
      serviceAt(refused, { name: "a" }),
      serviceAt(good.address, { name: "b" }),
      serviceAt("no-such-host.invalid:1", { name: "c" }),
      serviceAt(sick.address, { name: "d", metadata: missing }),
    ]);
    assert.deepEqual(
      findings.map(({ severity, service, code }) => `${severity} ${service} ${code}`),
      [
        "error a SERVICE_UNREACHABLE",
        "error c SERVICE_UNKNOWN_NAME",
        "error d SERVICE_MISSING_ENV",
        "error d SERVICE_NOT_SERVING",
        "error d SERVICE_WRONG_CONTRACT",
      ],
    );
    assert.equal(findings[0]?.address, refused);
    assert.match(findings[0]?.message ?? "", new RegExp(`^a at ${refused} cannot be reached: connection refused`));
  });

  describe("health", () => {
    it("NOT_SERVING is an error also where it is optional, and not asked where it is off", async () => {
      for (const health of [NOT_SERVING, 0, 3]) {
        assert.deepEqual(await checkPeer({ health: () => health }), ["error SERVICE_NOT_SERVING"]);
        assert.deepEqual(await checkPeer({ health: () => health }, { health: "off" }), []);
      }
    });

    it("must be there where the file requires it", async () => {
      assert.deepEqual(await checkPeer({}, { health: "required" }), ["error SERVICE_NO_HEALTH"]);
      const unknown = { health: () => ({ code: status.NOT_FOUND }) };
      assert.deepEqual(await checkPeer(unknown, { health: "required" }), ["error SERVICE_NO_HEALTH"]);
      assert.deepEqual(await checkPeer(unknown), []);
    });

    it("that fails is an error where it is required, else a warning; UNAVAILABLE is not serving", async () => {
      const failing = { health: () => ({ code: status.UNKNOWN, details: "Exception calling application" }) };
      assert.deepEqual(await checkPeer(failing), ["warning SERVICE_CHECK_FAILED"]);
      assert.deepEqual(await checkPeer(failing, { health: "required" }), ["error SERVICE_CHECK_FAILED"]);
      const unavailable = { health: () => ({ code: status.UNAVAILABLE, details: "no healthy upstream" }) };
      assert.deepEqual(await checkPeer(unavailable), ["error SERVICE_NOT_SERVING"]);
    });

    it("gets the service's own metadata", async () => {
      env.set("TOKEN", "letmein-please");
      const metadata = new Map([["authorization", [{ scope: "env", name: "TOKEN" } as const]]]);
      const health: GrpcPeerOptions["health"] = (asked) =>
        asked.metadata.get("authorization")[0] === "letmein-please" ? SERVING : { code: status.UNAUTHENTICATED };
      assert.deepEqual(await checkPeer({ health }, { metadata }), []);
      assert.deepEqual(await checkPeer({ health }), ["warning SERVICE_CHECK_FAILED"]);
    });
  });

  describe("the contract by reflection", () => {
    const messageOf = async (file: ShortFile, more: GrpcPeerOptions = {}): Promise<string> => {
      const peer = await start({ describes: [describeFile(file)], ...more });
      const [finding] = await check([serviceAt(peer.address)]);
      if (finding === undefined) return "nothing";
      assert.equal(finding.code, "SERVICE_WRONG_CONTRACT");
      return `${finding.severity}: ${finding.message.replace(peer.address, "HERE")}`;
    };
    const withMessages = (messages: ShortFile["messages"]): ShortFile => ({
      ...CONTRACT,
      messages: { ...CONTRACT.messages, ...messages },
    });

    it("of a service built from another one names what it offers", async () => {
      const other: ShortFile = {
        package: "energy",
        services: { EnergyGenerator: { GenerateData: ["energy.Ask", "energy.Ask"] } },
        messages: { Ask: [] },
      };
      for (const onlyV1Alpha of [false, true]) {
        assert.equal(
          await messageOf(other, { onlyV1Alpha }),
          "error: analyzer at HERE is up but has no ContainerExecutor/Execute; it offers energy.EnergyGenerator/GenerateData. Check that the address in service_registry is that of the service which is meant; if it is, rebuild the service from the contract that `busbar proto` prints.",
        );
      }
    });

    it("with a package in front is another one", async () => {
      const messages = CONTRACT.messages ?? {};
      const services = { ContainerExecutor: { Execute: ["energy.ExecuteRequest", "energy.ExecuteResponse"] } } as const;
      assert.match(
        await messageOf({ package: "energy", services, messages }),
        /^error: .* it offers energy\.ContainerExecutor\/Execute\./,
      );
    });

    it("without the method, or with a streaming one, is an error", async () => {
      const services = { ContainerExecutor: { Run: ["ExecuteRequest", "ExecuteResponse"] } } as const;
      assert.match(await messageOf({ ...CONTRACT, services }), /^error: .* has no method Execute, only Run\./);
      const streaming = { ContainerExecutor: { Execute: ["ExecuteRequest", "stream ExecuteResponse"] } } as const;
      assert.match(
        await messageOf({ ...CONTRACT, services: streaming }),
        /^error: .*ContainerExecutor\/Execute streams/,
      );
    });

    it("with a field of another number or type, or without it, is an error", async () => {
      const cases: readonly (readonly [ShortFile["messages"], RegExp])[] = [
        [
          { ExecuteResponse: ["string success = 1", "string message = 2"] },
          /has string success = 1 where Busbar sends bool success = 1/,
        ],
        [{ ExecuteResponse: ["bool success = 3", "string message = 2"] }, /has bool success = 3 where/],
        [
          { ExecuteRequest: ["repeated string input_file = 1", "string output_file = 2"] },
          /has repeated string input_file = 1 where/,
        ],
        [{ ExecuteRequest: ["bytes source = 1", "string output_file = 2"] }, /has bytes source = 1 where/],
        [{ ExecuteRequest: ["string output_file = 1", "string input_file = 2"] }, /has string input_file = 2 where/],
        [{ ExecuteRequest: ["string input_file = 1"] }, /ExecuteRequest has no string output_file = 2/],
      ];
      for (const [messages, words] of cases) {
        const message = await messageOf(withMessages(messages));
        assert.match(message, /^error: /);
        assert.match(message, words);
      }
    });

    it("with other names alone is a warning, and more fields are nothing", async () => {
      const renamed = withMessages({ ExecuteRequest: ["string source = 1", "string target = 2"] });
      assert.match(
        await messageOf(renamed),
        /^warning: .*calls field 1 source, not input_file; .*calls field 2 target/,
      );
      const more = withMessages({ ExecuteResponse: ["bool success = 1", "string message = 2", "int32 rows = 3"] });
      assert.equal(await messageOf(more), "nothing");
    });

    it("is found where its messages stand in another file or package", async () => {
      const messages = describeFile({
        package: "shared.v1",
        messages: { Ask: ["string input_file = 1", "string output_file = 2"], Reply: ["string success = 1"] },
      });
      const services = { ContainerExecutor: { Execute: ["shared.v1.Ask", "shared.v1.Reply"] } } as const;
      const file = describeFile({ services, imports: [messages] });
      const peer = await start({ describes: [file, messages] });
      const [finding] = await check([serviceAt(peer.address)]);
      assert.match(
        finding?.message ?? "",
        /shared\.v1\.Reply has string success = 1 where Busbar sends bool success = 1/,
      );
    });
  });

  describe("time", () => {
    it("is bounded for all services together; those that answer are reported as ever", async () => {
      const clock = createSteppingClock();
      await executor.close?.();
      executor = createGrpcExecutor({ secrets: createSecrets(() => undefined), clock });
      const heard = Promise.withResolvers<void>();
      const silent = await listenAsPeer(createServer((socket) => void socket.on("data", () => heard.resolve())));
      const mute = await startNeverAnsweringPeer();
      const refused = await findRefusedAddress();
      const services = [silent.address, mute.address, refused].map((address, index) =>
        serviceAt(address, { name: `s${index}` }),
      );
      const checking = check(services, { timeoutMs: 100 });
      await Promise.all([heard.promise, mute.called]);
      clock.advance(100);
      const findings = await checking;
      assert.deepEqual(
        findings.map(({ severity, service, code }) => `${severity} ${service} ${code}`),
        ["error s0 SERVICE_SILENT", "error s1 SERVICE_SILENT", "error s2 SERVICE_UNREACHABLE"],
      );
      await Promise.all([silent.close(), mute.close()]);
    });

    it("is not spent on a refused connection: it is reported at once", { timeout: 10_000 }, async () => {
      const findings = await check([serviceAt(await findRefusedAddress())], { timeoutMs: 60_000 });
      assert.equal(findings[0]?.code, "SERVICE_UNREACHABLE");
    });

    it("is given to services that are still starting, where waiting is asked for", async () => {
      let health = NOT_SERVING;
      const slow = await start({ health: () => health });
      const address = await findRefusedAddress();
      const findings = check([serviceAt(address), serviceAt(slow.address)], { waitMs: 60_000 });
      await new Promise((resolve) => setTimeout(resolve, 50));
      await start({ port: Number(address.split(":")[1]) });
      health = SERVING;
      assert.deepEqual(await findings, []);
    });

    it("is given to a service behind what takes connections and hangs up before it is there", async () => {
      const { serverCert, serverKey } = readCerts();
      const keys = [{ cert_chain: serverCert, private_key: serverKey }];
      for (const [code, changes, options] of [
        ["SERVICE_WRONG_PROTOCOL", {}, {}],
        ["SERVICE_WRONG_PROTOCOL", { health: "off" }, {}],
        ["SERVICE_TLS", { tls: { caFile: CERT_FILES.ca } }, { credentials: ServerCredentials.createSsl(null, keys) }],
      ] as const) {
        const forwarder = await startHangUpPeer();
        const told: string[] = [];
        const findings = check([serviceAt(forwarder.address, changes)], {
          waitMs: 60_000,
          onWaiting: (found) => {
            for (const one of found) told.push(one.code);
            if (told.length === 1) void forwarder.close().then(() => start({ ...options, port: forwarder.port }));
          },
        });
        assert.deepEqual(await findings, []);
        assert.equal(told[0], code);
      }
    });

    it("is not given to what has said something that is not gRPC before it hung up", { timeout: 30_000 }, async () => {
      const tls = { caFile: CERT_FILES.ca };
      for (const [code, said, changes] of [
        ["SERVICE_WRONG_PROTOCOL", [0, 0, 18], {}],
        ["SERVICE_TLS", [0x16, 3, 3], { tls }],
        ["SERVICE_TLS", [0x16, 3, 3, 0, 200, 2, 0, 0, 196, 3, 3], { tls }],
      ] as const) {
        const server = createServer((socket) => void socket.once("data", () => socket.end(Buffer.from(said))));
        await using peer = await listenAsPeer(server);
        const findings = await check([serviceAt(peer.address, changes)], { waitMs: 600_000 });
        assert.deepEqual(
          findings.map((one) => one.code),
          [code],
        );
      }
    });

    it("ends with what was found last, where waiting was in vain, and is not waited for what cannot pass", async () => {
      const refused = await findRefusedAddress();
      const codes = async (service: Service, waitMs: number) =>
        (await check([service], { waitMs })).map(({ code }) => code);
      assert.deepEqual(await codes(serviceAt(refused), 250), ["SERVICE_UNREACHABLE"]);
      await using hangUp = await startHangUpPeer();
      assert.deepEqual(await codes(serviceAt(hangUp.address), 250), ["SERVICE_WRONG_PROTOCOL"]);
      const metadata = new Map([["token", [{ scope: "env", name: "NO_SUCH" } as const]]]);
      assert.deepEqual(await codes(serviceAt(refused, { metadata }), 600_000), [
        "SERVICE_MISSING_ENV",
        "SERVICE_UNREACHABLE",
      ]);
    });

    it("ends with an abort, whether it is checking or waiting", async () => {
      const silent = await startSilentPeer();
      const refused = await findRefusedAddress();
      for (const [address, waitMs] of [
        [silent.address, 0],
        [refused, 60_000],
      ] as const) {
        const controller = new AbortController();
        const findings = check([serviceAt(address)], { waitMs, timeoutMs: 60_000 }, controller.signal);
        setTimeout(() => controller.abort(new Error("stop it")), 30);
        await assert.rejects(findings, /stop it/);
      }
      await assert.rejects(check([], {}, AbortSignal.abort(new Error("too late"))), /too late/);
      await silent.close();
    });
  });

  it("shows no secret that a service repeats", async () => {
    env.set("TOKEN", "letmein-please");
    const peer = await start({ health: () => ({ code: status.UNKNOWN, details: "bad token letmein-please\u0007" }) });
    const metadata = new Map([["authorization", [{ scope: "env", name: "TOKEN" } as const]]]);
    const [finding] = await check([serviceAt(peer.address, { metadata })]);
    assert.match(finding?.message ?? "", /bad token \*\*\*\\x07$/);
  });
});
