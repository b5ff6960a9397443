// A server with runs of every kind, whose callers have every role.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Role } from "../../src/api/access/caller.ts";
import { openBusbar } from "../../src/index.ts";
import { createJsonLog, createRpcError, type RunningService, serve } from "../../src/service/index.ts";
import { startGuarded } from "../serve/guarded.ts";
import { readStream } from "../serve/serving.ts";
import type { ContractOperation, Received } from "./contract.ts";

/** What to ask of an operation. */
export interface Ask {
  readonly path?: { readonly [name: string]: string };
  readonly query?: { readonly [name: string]: string | number };
  readonly headers?: { readonly [name: string]: string };
  /** As JSON; a text goes as it is. */
  readonly body?: unknown;
  /** Left out: admin. */
  readonly role?: Role | "nobody";
}

/** A value of a path that is no percent-encoded UTF-8. */
export const MALFORMED = "%FF";

export interface Definition {
  readonly format: "json";
  readonly text: string;
}

export interface World {
  /** Called `work`, whose service does as the path it is given says: `ok`, `fail`, `hold`. */
  definition(...inputs: readonly ("ok" | "fail" | "hold")[]): Definition;
  /** Starts a run of such a workflow, and waits until it has ended, or stands at what is held. */
  run(id: string, ...inputs: readonly ("ok" | "fail" | "hold")[]): Promise<string>;
  runOf(id: string, definition: Definition): Promise<string>;
  /** Runs such a workflow beside the server, by an owner that is gone afterwards. */
  runElsewhere(id: string): Promise<string>;
  /** Writes what nodes name as their output; a folder where nothing is given. */
  writeOutput(content: string | undefined): void;
  /** Lets go of all that is held. */
  release(): void;
  send(operation: Pick<ContractOperation, "method" | "path">, ask: Ask): Promise<Received>;
  tokenOf(role: Role): Promise<string>;
  /** Makes a token. @returns its id */
  makeToken(): Promise<string>;
  readonly url: string;
  close(): Promise<void>;
}

export async function createWorld(): Promise<World> {
  let release = (): void => {};
  let released = Promise.resolve();
  const service: RunningService = await serve({
    name: "work",
    port: 0,
    signals: [],
    log: createJsonLog("work", () => {}),
    allowEmptyPaths: true,
    async execute({ inputFile }, { signal }) {
      if (inputFile === "fail") throw createRpcError("INVALID_ARGUMENT", "told to fail");
      if (inputFile === "hold") await Promise.race([released, aborted(signal)]);
      return "done";
    },
  });
  // Requests say by a header from where they come, so that failed logins of one do not slow others.
  const server = await startGuarded({ proxies: { behindProxy: true, trusted: [] } });
  const token = await server.tokenOf("admin");
  const admin = {
    url: server.url,
    stateDir: server.stateDir,
    call: (method: string, path: string, body?: unknown) => server.send(method, `/api/v1${path}`, { token, body }),
  };
  const asAdmin = { headers: { authorization: `Bearer ${token}` } };

  const world: World = {
    url: admin.url,
    definition: (...inputs) => ({
      format: "json",
      text: JSON.stringify({
        workflow_name: "work",
        start_node: "n0",
        service_registry: Object.fromEntries(inputs.map((_, index) => [`n${index}`, service.address])),
        containers: Object.fromEntries(
          inputs.map((input, index) => [
            `n${index}`,
            {
              input_file: input,
              output_file: "out",
              ...(index + 1 < inputs.length ? { next_node: `n${index + 1}` } : {}),
            },
          ]),
        ),
      }),
    }),
    run: (id, ...inputs) => world.runOf(id, world.definition(...inputs)),
    async runOf(run_id, definition) {
      const holds = (node: string): boolean => JSON.parse(definition.text).containers[node].input_file === "hold";
      if (definition.text.includes('"hold"')) {
        released = new Promise((resolve) => {
          release = resolve;
        });
      }
      await admin.call("POST", "/runs", { definition, run_id });
      for await (const { event, data } of readStream(`${admin.url}/api/v1/runs/${run_id}/events`, asAdmin)) {
        if (event === "end" || (data.type === "node.started" && holds(data.node_id))) break;
      }
      return run_id;
    },
    async runElsewhere(runId) {
      const busbar = await openBusbar({ stateDir: admin.stateDir });
      await busbar.start({ definition: world.definition("ok"), runId });
      await busbar.wait(runId);
      await busbar.close();
      return runId;
    },
    writeOutput(content) {
      const path = join(server.dataDir, "out");
      mkdirSync(server.dataDir, { recursive: true });
      rmSync(path, { force: true });
      if (content === undefined) mkdirSync(path);
      else writeFileSync(path, content);
    },
    release: () => release(),
    tokenOf: server.tokenOf,
    makeToken: async () => (await server.host.tokens.create({ role: "viewer" })).record.id,
    async send({ method, path }, { path: values = {}, query = {}, headers = {}, body, role = "admin" }) {
      const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodePart(values[name] ?? `no-${name}`));
      const search = new URLSearchParams();
      for (const [name, value] of Object.entries(query)) search.set(name, String(value));
      const stop = new AbortController();
      const response = await fetch(`${server.url}${filled}?${search}`, {
        method,
        headers: {
          ...(role === "nobody" ? {} : { authorization: `Bearer ${await server.tokenOf(role)}` }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
        signal: stop.signal,
      });
      const received = { status: response.status, headers: response.headers };
      if (!response.headers.get("content-type")?.startsWith("text/event-stream")) {
        return { ...received, text: await response.text() };
      }
      // What a stream has at once; it may never end.
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      while (!text.includes("\ndata: ")) text += (await reader?.read())?.value ?? "";
      stop.abort();
      return { ...received, text };
    },
    async close() {
      release();
      await server.close();
      await service.close(0);
    },
  };
  return world;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

function encodePart(value: string): string {
  return value === MALFORMED ? value : encodeURIComponent(value);
}
