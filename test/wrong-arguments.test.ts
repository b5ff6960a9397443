// Wrong arguments of the public functions are refused in the words of the caller: USAGE, with the name of the argument.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import * as library from "../src/index.ts";
import { isFields } from "../src/kernel/arguments.ts";
import * as service from "../src/service/index.ts";
import * as testing from "../src/testing/index.ts";

/** A public function, right arguments for it, and what of them it looks at. */
interface Entry {
  readonly call: (...args: never) => unknown;
  readonly right: () => readonly unknown[];
  /**
   * The arguments by name, in order, each followed by its fields that are checked: `source`, `source.text`. One with
   * `?` may be left out; one with `[0]` is an item of a list.
   */
  readonly names?: readonly string[];
  /** Values of the right type that are wrong all the same. */
  readonly wrong?: { readonly [name: string]: readonly unknown[] };
  /** It works on files, and says what the file system says. */
  readonly filing?: boolean;
}

const NOT_WHOLE = [Number.NaN, Number.POSITIVE_INFINITY, -1, 1.5, 2 ** 60];
const NO_WORD = ["", " "];
const { createSecrets, createSystemClock, createSystemIds } = library;

let folder: string;
const cwd = process.cwd();
before(() => {
  folder = mkdtempSync(join(tmpdir(), "busbar-arguments-"));
  // A text where a path is expected is a path.
  process.chdir(folder);
});
after(() => {
  process.chdir(cwd);
  rmSync(folder, { recursive: true, force: true });
});

const CLOCK = ["options.clock", "options.clock.now", "options.clock.monotonic", "options.clock.after"];
const SECRETS = ["options.secrets", "options.secrets.read", "options.secrets.mask", "options.secrets.maskPieces"];
const POLICY = ["options.policy?", "options.policy.name"];
const SOURCE = { fileName: "w.json", text: "{}", file: "/w.json" };
const DIAGNOSTIC = { code: "WORKFLOW_SYNTAX", message: "m", path: ["a", 0], at: "key", offset: 0, length: 1 };
const EVENT = { seq: 1, at: "", run_id: "r", epoch: 1, type: "run.resumed", reset: [] };
const clock = () => ({ ...createSystemClock() });
const secrets = () => ({ ...createSecrets(() => undefined) });
const policy = () => ({ ...library.readPolicy({}) });
const workflow = () => testing.workflowOf("a > b", { params: [{ name: "p", type: "string", default: "x" }] });

const LIBRARY: { readonly [name: string]: Entry } = {
  // Takes whatever it is given: an error that cannot be made would hide what it was to tell.
  BusbarError: {
    call: (...args) => new library.BusbarError(...(args as ["USAGE", string])),
    right: () => ["USAGE", "m"],
  },
  toErrorInfo: { call: library.toErrorInfo, right: () => [new Error("m")] },
  checkHistory: {
    call: library.checkHistory,
    right: () => [[EVENT], () => undefined],
    names: [
      "events",
      "events[0]",
      "events[0].seq",
      "events[0].run_id",
      "events[0].type",
      "events[0].reset",
      "workflowOf?",
    ],
    wrong: {
      "events[0].seq": [Number.NaN, 1.5],
      workflowOf: [() => 5, () => ({ nodes: 5 }), () => ({ nodes: [null] })],
    },
  },
  createGrpcExecutor: {
    call: library.createGrpcExecutor,
    right: () => [{ secrets: secrets(), clock: clock(), ids: createSystemIds(), policy: policy() }],
    names: ["options", ...CLOCK, ...SECRETS, "options.ids?", "options.ids.spanId", ...POLICY],
  },
  createDockerExecutor: {
    call: library.createDockerExecutor,
    right: () => [
      {
        ...{ secrets: secrets(), clock: clock(), isOver: async () => false, env: {}, policy: policy() },
        journal: { id: "journal", ownerId: "owner", isOlder: false },
      },
    ],
    names: [
      ...["options", ...CLOCK, ...SECRETS, "options.isOver?", "options.env?", "options.journal?"],
      ...POLICY,
      ...["options.journal.id", "options.journal.ownerId", "options.journal.isOlder"],
    ],
  },
  createLocalRuntime: {
    call: library.createLocalRuntime,
    right: () => [
      {
        ...{
          journal: library.createMemoryJournal(),
          executors: { grpc: testing.createFakeExecutor() },
          clock: clock(),
        },
        ...{ random: library.createSystemRandom(), ids: createSystemIds(), secrets: secrets(), busbarVersion: "1" },
        ...{ readDefinition: async () => workflow(), policy: policy(), origin: "library", queue: { maxRuns: 1 } },
        ...{ observers: [() => undefined], onDrive: () => undefined, logs: { open: () => 1, read: () => 1 } },
        ...{ onStall: "retry", onTrouble: () => undefined },
      },
    ],
    names: [
      ...["options", "options.journal", "options.journal.append", "options.executors", "options.executors.grpc?"],
      ...["options.executors.grpc.execute", ...CLOCK, "options.random", "options.random.next", "options.ids"],
      ...["options.ids.runId", ...SECRETS, "options.busbarVersion", "options.readDefinition", ...POLICY],
      ...["options.origin?", "options.queue?", "options.queue.maxRuns", "options.observers?", "options.observers[0]"],
      ...["options.onDrive?", "options.logs?", "options.logs.read", "options.onStall?", "options.onTrouble?"],
    ],
    wrong: { "options.origin": ["me"], "options.queue.maxRuns": [0, ...NOT_WHOLE], "options.onStall": ["wait"] },
  },
  createMemoryJournal: { call: library.createMemoryJournal, right: () => [] },
  createSecrets: { call: createSecrets, right: () => [() => undefined], names: ["env"] },
  createSystemClock: { call: createSystemClock, right: () => [] },
  createSystemIds: { call: createSystemIds, right: () => [() => 0], names: ["now?"] },
  createSystemRandom: { call: library.createSystemRandom, right: () => [] },
  formatDiagnostic: {
    call: library.formatDiagnostic,
    right: () => [
      {
        code: "WORKFLOW_SYNTAX",
        message: "m",
        file: "f",
        line: 1,
        column: 1,
        length: 1,
        source_line: "s",
        suggestion: "s",
      },
    ],
    names: [
      "located",
      ...["code", "message", "file", "line", "column", "length", "source_line", "suggestion?"].map(
        (f) => `located.${f}`,
      ),
    ],
    wrong: {
      "located.line": [0, ...NOT_WHOLE],
      "located.column": [0, ...NOT_WHOLE],
      "located.length": [0, ...NOT_WHOLE],
    },
  },
  locateDiagnostics: {
    call: library.locateDiagnostics,
    right: () => [[DIAGNOSTIC], SOURCE, {}],
    names: [
      "diagnostics",
      "diagnostics[0]",
      ...["code", "message", "path", "at", "offset?", "length?"].map((field) => `diagnostics[0].${field}`),
      ...["source", "source.fileName", "source.text", "source.file?", "source.format?", "options?"],
    ],
    wrong: {
      "source.format": ["toml"],
      "diagnostics[0].code": ["NO_SUCH_CODE"],
      "diagnostics[0].path": [[null], [-1]],
      "diagnostics[0].at": ["both"],
      "diagnostics[0].offset": NOT_WHOLE,
      "source.fileName": NO_WORD,
    },
  },
  createRunLogs: {
    call: library.createRunLogs,
    right: () => [
      {
        ...{ folder: join(folder, "logs"), clock: clock(), secrets: secrets(), onTrouble: () => undefined },
        limits: { attemptBytes: 1024, lineChars: 64 },
      },
    ],
    names: [
      ...["options", "options.folder", ...CLOCK, "options.secrets", "options.secrets.maskPieces", "options.onTrouble"],
      ...["options.limits?", "options.limits.attemptBytes", "options.limits.lineChars"],
    ],
    wrong: { "options.folder": NO_WORD, "options.limits.lineChars": [0, ...NOT_WHOLE] },
  },
  openBusbar: {
    call: library.openBusbar,
    right: () => [
      {
        ...{
          stateDir: join(folder, "busbar"),
          allowRemoteState: false,
          env: () => undefined,
          onStall: "retry",
          policy: {},
        },
        ...{ executors: { grpc: testing.createFakeExecutor() }, observers: [() => undefined] },
        ...{ onTrouble: () => undefined, logDir: join(folder, "busbar", "logs"), nodeName: "n" },
      },
    ],
    names: [
      ...["options", "options.stateDir", "options.allowRemoteState?", "options.env?", "options.policy?"],
      "options.executors?",
      ...["options.executors.grpc?", "options.executors.grpc.execute", "options.observers?", "options.observers[0]"],
      ...["options.onStall?", "options.onTrouble?", "options.logDir?", "options.nodeName?"],
    ],
    wrong: { "options.stateDir": NO_WORD, "options.onStall": ["wait"] },
  },
  openRunReader: {
    call: library.openRunReader,
    right: () => [{ stateDir: join(folder, "none") }],
    names: ["options", "options.stateDir"],
    wrong: { "options.stateDir": NO_WORD },
  },
  openJournalReader: {
    call: library.openJournalReader,
    right: () => [{ stateDir: join(folder, "none"), clock: clock() }],
    names: ["options", "options.stateDir", ...CLOCK],
    wrong: { "options.stateDir": NO_WORD },
  },
  openJournalRequester: {
    call: library.openJournalRequester,
    right: () => [{ stateDir: join(folder, "none"), clock: clock(), allowRemoteState: false }],
    names: ["options", "options.stateDir", ...CLOCK, "options.allowRemoteState?"],
    wrong: { "options.stateDir": NO_WORD },
  },
  openSqliteJournal: {
    call: library.openSqliteJournal,
    right: () => [
      {
        ...{ stateDir: join(folder, "state"), clock: clock(), ids: createSystemIds(), pid: 1, host: "h" },
        ...{ busbarVersion: "1", allowRemoteState: false, synchronous: "OFF" },
      },
    ],
    names: [
      ...["options", "options.stateDir", ...CLOCK, "options.ids", "options.ids.ownerId", "options.pid", "options.host"],
      ...["options.busbarVersion?", "options.allowRemoteState?", "options.synchronous?"],
    ],
    wrong: { "options.stateDir": NO_WORD, "options.pid": NOT_WHOLE, "options.synchronous": ["off"] },
  },
  parseWorkflow: {
    call: library.parseWorkflow,
    right: () => [SOURCE, { yamlApart: { read: async () => ({}), locate: async () => [] } }],
    names: [
      ...["source", "source.fileName", "source.text", "source.file?", "source.format?"],
      ...["options?", "options.yamlApart?", "options.yamlApart.read", "options.yamlApart.locate"],
    ],
    wrong: {
      source: ["w.json"],
      "source.fileName": ["w.txt", ...NO_WORD],
      "source.text": [Buffer.from("{}")],
      "source.format": ["toml"],
    },
  },
  readParams: {
    call: library.readParams,
    right: () => [workflow(), [["p", "x"]]],
    names: ["workflow", "workflow.params", "given", "given[0]"],
    wrong: { workflow: [{ params: new Map([["p", null]]) }], "given[0]": [["p"], ["p", 3], ["p", "x", "y"], "px"] },
  },
  readPolicy: { call: library.readPolicy, right: () => [{}, "p"], names: ["input", "name?"], wrong: { name: NO_WORD } },
  readWorkflowFile: {
    call: library.readWorkflowFile,
    right: () => [join(folder, "none.json")],
    names: ["path"],
    wrong: { path: [...NO_WORD, "a\0.json", new URL("file:///w.json")] },
  },
  renderGraph: {
    call: library.renderGraph,
    right: () => [workflow(), "text"],
    names: ["drawing", "drawing.name", "drawing.graph", "drawing.graph.ids", "drawing.graph.upstream", "format"],
    wrong: {
      "drawing.graph.ids": [["a", 1], []],
      "drawing.graph.upstream": [[], [[], 0], [[], [2]], [[], [-1]], [[], ["a"]]],
      format: ["svg", "toString"],
    },
  },
};

const SERVICE: { readonly [name: string]: Entry } = {
  BusbarError: {
    call: (...args) => new service.BusbarError(...(args as ["USAGE", string])),
    right: () => ["USAGE", "m"],
  },
  createDataRoot: {
    call: service.createDataRoot,
    right: () => [folder],
    names: ["root"],
    wrong: { root: NO_WORD },
    filing: true,
  },
  createJsonLog: { call: service.createJsonLog, right: () => ["s", () => undefined], names: ["service", "write?"] },
  createRpcError: {
    call: service.createRpcError,
    right: () => ["UNAVAILABLE", "m", { retryAfterMs: 1 }],
    names: ["name", "message", "options?", "options.retryAfterMs?"],
    wrong: { name: ["OK", "14", "toString"], "options.retryAfterMs": [Number.NaN] },
  },
  serve: {
    call: service.serve,
    right: () => [{ ...serving(), execute: () => "done", name: "s" }],
    names: [
      ...["options", "options.name", "options.execute", "options.port", "options.host?", "options.credentials?"],
      ...[
        "options.describeFailure?",
        "options.allowEmptyPaths?",
        "options.log?",
        "options.signals?",
        "options.drainMs?",
        "options.maxConcurrency?",
        "options.maxMessageBytes?",
        "options.keepaliveTimeMs?",
        "options.keepaliveTimeoutMs?",
        "options.interceptor?",
      ],
    ],
    wrong: {
      "options.name": NO_WORD,
      "options.host": ["localhost:1", "http://localhost", "[localhost]", "a b", ...NO_WORD],
      "options.port": [65_536, "50051", ...NOT_WHOLE],
      "options.drainMs": [Number.NaN, Number.POSITIVE_INFINITY, -1],
      "options.signals": [["SIG"], ["SIGKILL"], ["SIGTERM", "SIGSTOP"], [15], "SIGTERM"],
      "options.maxConcurrency": [0, ...NOT_WHOLE],
      "options.maxMessageBytes": [0, 1023, 2 ** 31, ...NOT_WHOLE],
      "options.keepaliveTimeMs": [0, 999, 2 ** 31, ...NOT_WHOLE],
      "options.keepaliveTimeoutMs": [0, 2 ** 31, ...NOT_WHOLE],
    },
  },
  startDummyServer: {
    // On a free port, where no other is asked for.
    call: (options: unknown) =>
      service.startDummyServer(
        options === undefined || isFields(options) ? { ...serving(), ...options } : (options as object),
      ),
    right: () => [serving()],
    names: ["options?", "options.port", "options.host?", "options.signals?"],
  },
  writeWholeFile: {
    call: service.writeWholeFile,
    right: () => [join(folder, "file"), async () => undefined, new AbortController().signal],
    names: ["path", "fill", "signal?"],
    wrong: { path: NO_WORD, fill: [async (file: service.WholeFile) => file.write(3 as never)] },
    filing: true,
  },
};

function serving() {
  const log = service.createJsonLog("s", () => undefined);
  return {
    port: 0,
    host: "127.0.0.1",
    log,
    signals: [] as const,
    drainMs: 0,
    describeFailure: String,
    allowEmptyPaths: true,
    maxConcurrency: 1,
    maxMessageBytes: 4096,
    keepaliveTimeMs: 1000,
    keepaliveTimeoutMs: 1000,
    interceptor: () => undefined,
  };
}

const TESTING: { readonly [name: string]: Entry } = {
  createFakeExecutor: { call: testing.createFakeExecutor, right: () => [() => testing.SUCCEEDED], names: ["answer?"] },
  runToWrite: { call: testing.runToWrite, right: () => ["r"], names: ["runId"] },
  untilAborted: { call: testing.untilAborted, right: () => [AbortSignal.abort()], names: ["signal"] },
  workflowOf: {
    call: testing.workflowOf,
    right: () => ["a > b", {}],
    names: ["literal", "options?"],
    wrong: { literal: ["", "a >"] },
  },
};

/** What is made for one function: a field that it does not know is a mistake. Other objects may have more than is looked at. */
const CLOSED = new Set(["options", "options.limits", "options.executors", "options.queue"]);

/** Exports that are tested with arguments of their own elsewhere, or belong into a suite of tests. */
const LEFT_OUT = ["describeExecutor", "describeJournal", "describeRuntime", "writeRun"];

const ODD: readonly unknown[] = [
  ...[undefined, null, true, 3, Number.NaN, 10n, "text", Symbol("s"), () => 1, new Date(0), /x/],
  ...[[], [null], {}, Object.create(null), Buffer.from("b"), new Map(), Promise.resolve()],
];

for (const [title, exported, table] of [
  ["busbar", library, LIBRARY],
  ["busbar/service", service, SERVICE],
  ["busbar/testing", testing, TESTING],
] as const) {
  describe(`wrong arguments of ${title}`, () => {
    it("are tested for every function that it exports", () => {
      const functions = Object.entries(exported).filter(([, value]) => typeof value === "function");
      const missing = functions.map(([name]) => name).filter((name) => !(name in table) && !LEFT_OUT.includes(name));
      assert.deepEqual(missing, []);
    });

    for (const [name, entry] of Object.entries(table)) {
      it(`${name} refuses them as USAGE, by their names, and takes the right ones`, async () => {
        assert.equal(await outcomeOf(entry, entry.right()), name === "readWorkflowFile" ? "WORKFLOW_NOT_FOUND" : "ok");
        for (const place of entry.names ?? []) await checkPlace(entry, place);
      });

      for (const place of entry.names ?? []) {
        if (!CLOSED.has(place.replace("?", ""))) continue;
        it(`${name} refuses ${place.replace("?", "")} with a field that it does not know`, async () => {
          const at = place.replace("?", "");
          const wrong = replaced(entry.right(), [...stepsOf(entry, at), "onTruoble"], 1);
          const outcome = await outcomeOf(entry, wrong);
          assert.ok(outcome.startsWith(`USAGE: ${at} must have no onTruoble; known are `), outcome);
        });
      }

      it(`${name} answers anything at all with nothing but a BusbarError`, async () => {
        for (const odd of ODD) {
          for (const args of [[odd], [odd, odd], [odd, odd, odd], [{ options: odd }, odd]])
            await outcomeOf(entry, args);
          for (const position of entry.right().keys()) await outcomeOf(entry, entry.right().with(position, odd));
        }
        await outcomeOf(entry, []);
      });
    }
  });
}

async function checkPlace(entry: Entry, place: string): Promise<void> {
  const name = place.replace("?", "");
  const steps = stepsOf(entry, name);
  const right = steps.reduce<unknown>((value, step) => Reflect.get(Object(value), step), entry.right());
  const told = `${name} of ${String(entry.call.name)}`;
  if (name !== place) assert.equal(await outcomeOf(entry, replaced(entry.right(), steps, undefined)), "ok", told);
  const odd = ODD.filter((value) => isOtherKind(value, right) && !(value === undefined && name !== place));
  for (const value of [...odd, ...(entry.wrong?.[name] ?? [])]) {
    const outcome = await outcomeOf(entry, replaced(entry.right(), steps, value));
    assert.notEqual(outcome, "ok", `${told} takes ${describeOdd(value)}`);
    if (!isOtherKind(value, right)) continue;
    // What is only asked whether it has the right shape is named as a whole.
    const item = name.replace(/(\[0\]|\.graph).*/, "$1");
    const words = [`USAGE: ${name} must be `, `USAGE: ${name} must have no `, `USAGE: ${item} must be `];
    assert.ok(
      words.some((one) => outcome.startsWith(one)),
      outcome,
    );
  }
}

/** `source.text` as the way from the list of arguments: [0, "text"]. */
function stepsOf(entry: Entry, name: string): readonly (string | number)[] {
  const roots = (entry.names ?? []).map((one) => one.replace("?", "")).filter((one) => /^\w+$/.test(one));
  const [root = "", ...steps] = name.split(/[.[\]]+/).filter((step) => step !== "");
  return [roots.indexOf(root), ...steps];
}

/** A copy in which the value at the end of the way is another. */
function replaced(from: unknown, steps: readonly (string | number)[], value: unknown): readonly unknown[] {
  const [step, ...rest] = steps;
  if (step === undefined) return value as readonly unknown[];
  const copy: object = Array.isArray(from) ? [...from] : { ...Object(from) };
  Reflect.set(copy, step, replaced(Reflect.get(copy, step), rest, value));
  return copy as readonly unknown[];
}

/** `ok`, or the code and message of what was thrown or rejected with; anything but a BusbarError fails the test. */
async function outcomeOf({ call, filing }: Entry, args: readonly unknown[]): Promise<string> {
  try {
    const result: unknown = await Reflect.apply(call, undefined, args);
    const close: unknown = Object(result).close;
    if (typeof close === "function") await close.call(result);
    return "ok";
  } catch (thrown) {
    const shown = `it, given (${args.map(describeOdd).join(", ")})`;
    if (filing === true && thrown instanceof Error && "syscall" in thrown) return String(thrown);
    if (!(thrown instanceof library.BusbarError))
      assert.fail(`${shown} throws ${thrown instanceof Error ? thrown.stack : String(thrown)}`);
    assert.notEqual(thrown.code, "INTERNAL", `${shown}: ${thrown.message}`);
    return thrown.code === "USAGE" ? `USAGE: ${thrown.message}` : thrown.code;
  }
}

/** Not of fields: any object may have those that are expected, and is told of the first that it lacks. */
function isOtherKind(value: unknown, right: unknown): boolean {
  const [kind, wanted] = [kindOf(value), kindOf(right)];
  if (wanted === "[object Object]" && kind.startsWith("[object"))
    return /Array|Null/.test(kind.replace("Uint8Array", ""));
  return kind !== wanted;
}

function kindOf(value: unknown): string {
  return typeof value === "object" ? Object.prototype.toString.call(value) : typeof value;
}

function describeOdd(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : typeof value === "object" ? kindOf(value) : String(value);
}
