import assert from "node:assert/strict";
import { afterEach, describe, it, type TestContext } from "node:test";
import { file_energy_pipeline } from "../../gen/energy_pipeline_pb.ts";
import { createSecrets } from "../../kernel/secrets.ts";
import type { ServiceReport } from "../../ports/services.ts";
import { describeFile } from "../../testing/peers/describe-file.ts";
import { type GrpcPeer, type GrpcPeerOptions, startGrpcPeer } from "../../testing/peers/grpc.ts";
import { findRefusedAddress } from "../../testing/peers/peer.ts";
import { serviceAt } from "../../testing/peers/service.ts";
import { startSilentPeer } from "../../testing/peers/tcp.ts";
import { startForTest } from "../../testing/started-service.ts";
import { until } from "../../testing/until.ts";
import type { Service } from "../../workflow/model/service.ts";
import { type PolicyInput, readPolicy } from "../../workflow/policy/read-policy.ts";
import { createSystemClock } from "../system/clock.ts";
import { createServiceProbe, type ServiceProbeOptions } from "./service-probe.ts";

const NEVER = new AbortController().signal;
const SERVING = 1;
const NOT_SERVING = 2;
const done = async () => "done";

function probeOf(pace: ServiceProbeOptions["pace"] = {}, policy?: PolicyInput) {
  return createServiceProbe({
    ...{ secrets: createSecrets(() => undefined), clock: createSystemClock(), pace },
    ...(policy === undefined ? {} : { policy: readPolicy(policy) }),
  });
}

describe("a look at a service", () => {
  const peers: GrpcPeer[] = [];
  afterEach(async () => {
    for (const peer of peers.splice(0)) await peer.close();
  });
  const look = async (service: Service, policy?: PolicyInput) => {
    const { status, contract, latencyMs } = await probeOf({}, policy).check(service, NEVER);
    return `${status} ${contract}${latencyMs === undefined ? "" : " answered"}`;
  };
  const lookAt = async (options: GrpcPeerOptions, changes?: Partial<Service>, policy?: PolicyInput) => {
    const peer = await startGrpcPeer(options);
    peers.push(peer);
    return look(serviceAt(peer.address, changes), policy);
  };

  it("says whether it serves, and what it speaks", async (test) => {
    const { service } = await startForTest(test, done);
    assert.equal(await look(serviceAt(service.address)), "serving ok answered");
    assert.equal(await look(serviceAt(service.address, { health: "off" })), "serving ok answered");
    service.setServing(false);
    assert.equal(await look(serviceAt(service.address)), "not_serving ok answered");
  });

  it("says what it cannot say", async () => {
    assert.equal(await lookAt({}), "serving unchecked answered");
    assert.equal(await lookAt({ health: () => SERVING }), "serving unchecked answered");
    assert.equal(await lookAt({}, { health: "required" }), "unknown unchecked answered");
    assert.equal(await lookAt({ health: () => ({ code: 7 }) }), "unknown unchecked answered");
    assert.equal(await lookAt({ describes: [file_energy_pipeline], executes: true }), "serving ok answered");
  });

  it("tells who cannot be reached from who speaks something else", async () => {
    assert.equal(await look(serviceAt(await findRefusedAddress())), "unreachable unchecked");
    assert.equal(await lookAt({ health: () => SERVING }, {}, { addresses: ["127.0.0.2"] }), "unreachable unchecked");
    const other = describeFile({
      package: "energy",
      services: { Generator: { Generate: ["energy.Empty", "energy.Empty"] } },
      messages: { Empty: [] },
    });
    assert.equal(await lookAt({ health: () => SERVING, describes: [other] }), "serving wrong answered");
  });

  it("is over as soon as nobody wants to know", async () => {
    await using peer = await startSilentPeer();
    const controller = new AbortController();
    const looking = probeOf().check(serviceAt(peer.address), controller.signal);
    controller.abort(new Error("enough"));
    await assert.rejects(looking, /enough/);
  });
});

describe("a watch of a service", () => {
  function follow(test: TestContext, service: Service, pace: ServiceProbeOptions["pace"]) {
    const seen: string[] = [];
    const reports: ServiceReport[] = [];
    const controller = new AbortController();
    const onReport = (report: ServiceReport): void => {
      reports.push(report);
      const said = `${report.status} ${report.contract}`;
      if (seen.at(-1) !== said) seen.push(said);
    };
    const following = probeOf(pace).follow(service, onReport, controller.signal);
    const end = async (): Promise<void> => {
      controller.abort();
      await following;
    };
    test.after(end);
    return { seen, reports, end };
  }

  /** Nothing but what the service tells leads to another look. */
  const toldOnly = { leastMs: 0, pollMs: 3_600_000, calmMs: 3_600_000 };

  it("sees what the service tells, and that it is gone, without asking", async (test) => {
    const { service } = await startForTest(test, done);
    const { seen } = follow(test, serviceAt(service.address), toldOnly);
    await until(() => seen.length === 1);
    service.setServing(false);
    await until(() => seen.length === 2);
    service.setServing(true);
    await until(() => seen.length === 3);
    await service.close(0);
    await until(() => seen.at(-1) === "unreachable unchecked");
    assert.deepEqual(seen.slice(0, 3), ["serving ok", "not_serving ok", "serving ok"]);
  });

  it("sees that it is back, with what it speaks by then", async (test) => {
    const first = await startGrpcPeer({ health: () => SERVING });
    const { seen } = follow(test, serviceAt(first.address), { leastMs: 0, pollMs: 5, calmMs: 5 });
    await until(() => seen.length === 1);
    await first.close();
    await until(() => seen.length === 2);
    const second = await startGrpcPeer({
      ...{ health: () => SERVING, describes: [file_energy_pipeline], port: first.port },
    });
    test.after(() => second.close());
    await until(() => seen.at(-1) === "serving ok");
    assert.deepEqual(seen, ["serving unchecked", "unreachable unchecked", "serving ok"]);
  });

  it("asks one that has no word of its own now and then, over one connection", async (test) => {
    let health = SERVING;
    const from = new Set<string>();
    const peer = await startGrpcPeer({
      describes: [file_energy_pipeline],
      health(asked) {
        from.add(asked.from);
        return health;
      },
    });
    test.after(() => peer.close());
    const { seen, reports } = follow(test, serviceAt(peer.address), { leastMs: 0, pollMs: 1, calmMs: 3_600_000 });
    await until(() => reports.length >= 3);
    health = NOT_SERVING;
    await until(() => seen.length === 2);
    assert.deepEqual(seen, ["serving ok", "not_serving ok"]);
    assert.equal(from.size, 1);
  });

  it("leaves nothing behind when it ends, whatever it waits for", async (test) => {
    const { service } = await startForTest(test, done);
    const watched = follow(test, serviceAt(service.address), toldOnly);
    const refused = follow(test, serviceAt(await findRefusedAddress()), toldOnly);
    await using silent = await startSilentPeer();
    const waiting = follow(test, serviceAt(silent.address), toldOnly);
    await until(() => watched.seen.length === 1 && refused.seen.length === 1);
    for (const { end } of [watched, refused, waiting]) await end();
    assert.deepEqual(waiting.seen, []);
  });
});
