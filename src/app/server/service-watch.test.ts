import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { createServiceProbe } from "../../adapters/executor-grpc/service-probe.ts";
import { createSecrets } from "../../kernel/secrets.ts";
import type { ServiceReport, ServiceView } from "../../ports/services.ts";
import { createGate } from "../../testing/fake-executor.ts";
import { findRefusedAddress } from "../../testing/peers/peer.ts";
import { serviceAt } from "../../testing/peers/service.ts";
import { startForTest } from "../../testing/started-service.ts";
import { until } from "../../testing/until.ts";
import type { Workflow } from "../../workflow/workflow.ts";
import { type Owner, openOwner } from "../busbar.ts";
import { createShared } from "../shared.ts";
import { servicesOf } from "./service-entries.ts";
import { createServiceWatch, type ServerServiceWatch, type ServiceWatchOptions } from "./service-watch.ts";

const SERVING: ServiceReport = { status: "serving", contract: "ok", findings: [] };

function fileOf(address: string, more: object = {}): { readonly format: "json"; readonly text: string } {
  const tree = {
    ...{ workflow_name: "w", service_registry: { sorter: { address, proxy: "off" } } },
    containers: { a: { service: "sorter", input_file: "/data/in", output_file: "/data/out" } },
    ...more,
  };
  return { format: "json", text: JSON.stringify(tree) };
}

interface Server {
  readonly busbar: Owner;
  readonly watch: ServerServiceWatch;
  /** The stored workflows. */
  readonly stored: Workflow[];
  readonly read: (file: ReturnType<typeof fileOf>) => Promise<Workflow>;
}

async function openServer(test: TestContext, options: Partial<ServiceWatchOptions> = {}): Promise<Server> {
  const stateDir = mkdtempSync(join(tmpdir(), "busbar-service-watch-"));
  const shared = createShared(createSecrets(() => undefined));
  const stored: Workflow[] = [];
  const watch = createServiceWatch({
    probe: createServiceProbe({ ...shared, pace: { leastMs: 0, pollMs: 5 } }),
    clock: shared.clock,
    secrets: shared.secrets,
    named: async () =>
      stored.map((one) => ({ workflow: one.name, services: servicesOf(one, "2025-01-01T00:00:00.000Z") })),
    pace: { afterMs: 0, lingerMs: 0 },
    ...options,
  });
  const busbar = await openOwner(
    {
      ...{ stateDir, origin: "server", around: watch.around },
      onDrive({ services }, ended) {
        ended.then(watch.use(services.values()), () => undefined);
      },
    },
    shared,
  );
  test.after(async () => {
    await busbar.close();
    await watch.close();
    rmSync(stateDir, { recursive: true });
  });
  return { busbar, watch, stored, read: shared.definitions.read };
}

async function untilSeen(
  test: TestContext,
  watch: ServerServiceWatch,
  name: string,
  holds: (view: ServiceView) => boolean,
): Promise<ServiceView> {
  for (;;) {
    const view = (await watch.list()).find((one) => one.name === name);
    if (view !== undefined && holds(view)) return view;
    test.signal.throwIfAborted();
    await new Promise(setImmediate);
  }
}

describe("the services of a server", () => {
  it("are those that stored workflows name, as far as params let it be said, and nobody looks before somebody asks", async (test) => {
    const server = await openServer(test);
    const { service } = await startForTest(test, async () => "done");
    const params = { params: { host: { type: "string" } } };
    server.stored.push(
      await server.read(fileOf(service.address)),
      await server.read(fileOf(service.address, { workflow_name: "again" })),
      await server.read(fileOf("${params.host}:1", { workflow_name: "open", ...params })),
    );
    const unasked = await server.watch.list();
    assert.deepEqual(
      unasked.map(({ name, address, status, checked_at, used_by }) => [name, address, status, checked_at, used_by]),
      [
        ["sorter", "${params.host}:1", "unknown", undefined, { workflows: ["open"], runs: 0 }],
        ["sorter", service.address, "unknown", undefined, { workflows: ["w", "again"], runs: 0 }],
      ],
    );
    const asked = await server.watch.probe();
    assert.deepEqual(
      asked.map(({ status, contract }) => `${status} ${contract}`),
      ["unknown unchecked", "serving ok"],
    );
    assert.equal((await server.watch.list())[1]?.status, "serving");
  });

  it("are looked at where somebody asks by their address, and nothing else is (W2)", async (test) => {
    const server = await openServer(test);
    const address = await findRefusedAddress();
    server.stored.push(await server.read(fileOf(address)));
    const [view] = await server.watch.probe(address);
    assert.equal(view?.status, "unreachable");
    assert.equal(view?.last_error?.error.code, "SERVICE_UNREACHABLE");
    await assert.rejects(server.watch.probe("127.0.0.1:1"), { code: "ADDRESS_NOT_NAMED" });
    await assert.rejects(server.watch.probe(address, AbortSignal.abort(new Error("gone"))), /gone/);
  });

  it("are watched while a run needs them, which shows that one is down before it is called (W1)", async (test) => {
    const server = await openServer(test);
    const gate = createGate<undefined>();
    const slow = await startForTest(test, async () => {
      await gate.promise;
      return "done";
    });
    const { service } = await startForTest(test, async () => "done");
    const definition = fileOf(service.address, {
      start_node: "first",
      service_registry: { slow: slow.service.address, sorter: { address: service.address, proxy: "off" } },
      containers: {
        first: { service: "slow", input_file: "/data/in", output_file: "/data/x", next_node: "second" },
        second: { service: "sorter", input_file: "/data/x", output_file: "/data/out" },
      },
    });
    const { runId } = await server.busbar.start({ definition });
    const see = (name: string, holds: (view: ServiceView) => boolean) => untilSeen(test, server.watch, name, holds);
    const busy = await see("slow", ({ status, in_flight }) => status === "serving" && in_flight === 1);
    assert.deepEqual([busy.watched, busy.used_by], [true, { workflows: [], runs: 1 }]);
    await see("sorter", ({ status, in_flight }) => status === "serving" && in_flight === 0);
    service.setServing(false);
    await see("sorter", ({ status }) => status === "not_serving");
    await service.close(0);
    const gone = await see("sorter", ({ status }) => status === "unreachable");
    assert.equal(gone.last_error?.error.code, "SERVICE_UNREACHABLE");
    assert.equal((await server.busbar.get(runId)).nodes[1]?.status, "pending");
    gate.open(undefined);
    await server.busbar.wait(runId);
    await until(async () => (await server.watch.list()).length === 0);
  });

  it("show why the last call of one failed", async (test) => {
    const server = await openServer(test, { pace: { afterMs: 3_600_000, lingerMs: 0 } });
    const { service } = await startForTest(test, async () => {
      throw new Error("no meters today");
    });
    server.stored.push(await server.read(fileOf(service.address)));
    const { runId } = await server.busbar.start({ definition: fileOf(service.address) });
    await server.busbar.wait(runId);
    const [view] = await server.watch.list();
    assert.match(view?.last_error?.error.message ?? "", /no meters today/);
    assert.deepEqual([view?.in_flight, view?.used_by.runs, view?.watched], [0, 0, false]);
  });
});

describe("the bounds of the watch (W3)", () => {
  it("watch a hundred at once, and another one as soon as one of them is not needed", async (test) => {
    const followed = new Set<string>();
    let most = 0;
    const probe: ServiceWatchOptions["probe"] = {
      check: async () => SERVING,
      async follow({ name }, onReport, signal) {
        followed.add(name);
        most = Math.max(most, followed.size);
        onReport(SERVING);
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
        followed.delete(name);
      },
    };
    const { watch } = await openServer(test, { probe });
    const all = Array.from({ length: 150 }, (_, n) => serviceAt("localhost:1", { name: `s${n}` }));
    const ends = all.map((service) => watch.use([service]));
    await until(() => followed.size === 100);
    for (const end of ends.slice(0, 60)) end();
    await until(() => followed.has("s149"));
    for (const end of ends) end();
    await until(() => followed.size === 0);
    assert.equal(most, 100);
    assert.deepEqual(await watch.list(), []);
  });

  it("remember a thousand that nobody needs, and no more", async (test) => {
    const { watch } = await openServer(test);
    for (let n = 0; n < 5000; n += 1) watch.use([serviceAt("localhost:1", { name: `s${n}` })])();
    const end = watch.use([serviceAt("localhost:1", { name: "kept" })]);
    for (let n = 5000; n < 9000; n += 1) watch.use([serviceAt("localhost:1", { name: `s${n}` })])();
    assert.deepEqual(
      (await watch.list()).map(({ name }) => name),
      ["kept"],
    );
    end();
  });

  it("ask one service once, however many want to know at the same time", async (test) => {
    let looks = 0;
    const gate = createGate<undefined>();
    const probe: ServiceWatchOptions["probe"] = {
      async check() {
        looks += 1;
        await gate.promise;
        return SERVING;
      },
      follow: async () => undefined,
    };
    const server = await openServer(test, { probe });
    server.stored.push(await server.read(fileOf("localhost:1")));
    const all = Promise.all([server.watch.probe(), server.watch.probe("localhost:1"), server.watch.probe()]);
    await until(() => looks > 0);
    gate.open(undefined);
    assert.deepEqual(
      (await all).map(([view]) => view?.status),
      ["serving", "serving", "serving"],
    );
    assert.equal(looks, 1);
  });
});
