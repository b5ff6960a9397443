import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { RunStatus } from "../engine/status.ts";
import type { ErrorCode } from "../kernel/error-table.ts";
import { BusbarError } from "../kernel/errors.ts";
import type { FeedItem } from "../ports/feed.ts";
import type { Journal, JournalReader, JournalRequester, NewRun, RunRecord } from "../ports/journal.ts";
import { MAX_EVENT_BYTES } from "../ports/journal-rules.ts";
import type { NewRequest } from "../ports/requests.ts";
import type { RunFilter } from "../ports/run-filter.ts";
import {
  appendOf,
  definitionWith,
  newRun,
  nodeStarted,
  processOf,
  SUCCEEDED,
  summaryWith,
  takeOverOf,
} from "./journal-runs.ts";
import { assertOneMoment } from "./journal-writer.ts";

/** One store, and journals that share it as processes would. */
export interface JournalHarness {
  open(): Promise<Journal>;
  /** What reads and asks without an owner. */
  openRequester(): Promise<JournalRequester>;
  /** An owner of its own, a process where there are such, creates a run and writes to it (journal-writer.ts). */
  startWriter(runId: string): Promise<JournalWriter>;
  /** An owner of its own creates the runs and is then killed. */
  createAndDie(runs: readonly NewRun[]): Promise<void>;
  /** Changes what is stored of an event behind every journal's back; left out where nothing is stored. */
  damage?(runId: string, seq: number): Promise<void>;
  /** Closes all that was opened and removes the store. */
  dispose(): Promise<void>;
}

/** Somebody who writes to the journal from elsewhere. */
export interface JournalWriter {
  /** Rejects if it could not write. */
  readonly ended: Promise<void>;
  /** Asked between two readings; whatever tells it gets its turn. */
  isOver(): Promise<boolean>;
}

/**
 * The contract of the Journal port, J1-J12, for any adapter.
 * @param options.stored whether there is a stored form that can be damaged (J8)
 */
export function describeJournal(
  name: string,
  makeHarness: () => Promise<JournalHarness>,
  options: { readonly stored: boolean },
): void {
  describe(`${name} keeps the promises of a journal`, () => {
    let harness: JournalHarness;
    let journal: Journal;
    beforeEach(async () => {
      harness = await makeHarness();
      journal = await harness.open();
    });
    afterEach(() => harness.dispose());

    const readRun = async (runId: string, from: JournalReader = journal): Promise<RunRecord> => {
      const run = await from.readRun(runId);
      assert.ok(run !== undefined);
      return run;
    };
    const seqs = async (runId: string, from: Journal = journal): Promise<readonly number[]> =>
      (await from.readEvents(runId)).map((event) => event.seq);

    describe("append (J1, J2, J6)", () => {
      it("gives back exactly what was written, to every journal, as soon as it resolves (J1)", async () => {
        const other = await harness.open();
        const text = 'ein "Wort"\n\u0000\u001b[0m \ud83d\ude00 \u2028 \ud800 ends';
        const append = appendOf("r", 2, [nodeStarted("a", text), nodeStarted("b"), SUCCEEDED], {
          summary: summaryWith("succeeded", { ended_at: "2025-01-01T00:00:01.000Z", duration_ms: 12.5 }),
        });
        await journal.create(newRun("r"));
        await journal.append(append);
        for (const reader of [journal, other]) {
          assert.deepEqual(await reader.readEvents("r"), [...newRun("r").events, ...append.events]);
          assert.deepEqual((await readRun("r", reader)).summary, append.summary);
          assert.equal((await readRun("r", reader)).lastSeq, 4);
        }
      });

      it("stores what was said when it was called, whatever becomes of the objects (J1)", async () => {
        await journal.create(newRun("r"));
        const request = { file: "before" };
        const append = appendOf("r", 2, [{ ...nodeStarted("a"), request } as ReturnType<typeof nodeStarted>]);
        const done = journal.append(append);
        request.file = "after";
        await done;
        const [event] = await journal.readEvents("r", 1);
        assert.deepEqual(event, { ...append.events[0], request: { file: "before" } });
      });

      it("reads events after a given one", async () => {
        await journal.create(newRun("r"));
        await journal.append(appendOf("r", 2, [nodeStarted("a"), nodeStarted("b")]));
        const after = async (seq: number) => (await journal.readEvents("r", seq)).map((event) => event.seq);
        assert.deepEqual(await after(0), [1, 2, 3]);
        assert.deepEqual(await after(1), [2, 3]);
        assert.deepEqual(await after(3), []);
        assert.deepEqual(await after(9), []);
      });

      it("reads events page by page", async () => {
        await journal.create(newRun("r"));
        await journal.append(appendOf("r", 2, [nodeStarted("a"), nodeStarted("b")]));
        const page = async (seq: number, limit: number) =>
          (await journal.readEvents("r", seq, limit)).map((event) => event.seq);
        assert.deepEqual(await page(0, 2), [1, 2]);
        assert.deepEqual(await page(2, 2), [3]);
        assert.deepEqual(await page(1, 2), [2, 3]);
        assert.deepEqual(await page(0, 9), [1, 2, 3]);
      });

      it("refuses an append of another epoch or another place, and leaves nothing of it (J2)", async () => {
        await journal.create(newRun("r"));
        const before = await readRun("r");
        const changed = { summary: summaryWith("failed") };
        await refused("JOURNAL_FENCED", journal.append(appendOf("r", 2, [SUCCEEDED], { ...changed, epoch: 2 })));
        await refused("JOURNAL_FENCED", journal.append(appendOf("r", 2, [SUCCEEDED], { ...changed, epoch: 0 })));
        await refused("JOURNAL_FENCED", journal.append(appendOf("r", 1, [SUCCEEDED], changed)));
        await refused("JOURNAL_FENCED", journal.append(appendOf("r", 3, [SUCCEEDED], changed)));
        assert.deepEqual(await seqs("r"), [1]);
        assert.deepEqual(await readRun("r"), before);
      });

      it("refuses an append by a journal that does not own the run, even in its epoch (J2, E6)", async () => {
        const other = await harness.open();
        await journal.create(newRun("r"));
        await refused("JOURNAL_FENCED", other.append(appendOf("r", 2, [SUCCEEDED])));
        assert.deepEqual(await seqs("r"), [1]);
      });

      it("refuses each append on its own, whatever is flushed with it (J2)", async () => {
        await Promise.all([journal.create(newRun("good")), journal.create(newRun("bad"))]);
        const results = await Promise.allSettled([
          journal.append(appendOf("good", 2, [nodeStarted("a")])),
          journal.append(appendOf("bad", 7, [nodeStarted("a")])),
          journal.append(appendOf("nobody", 2, [nodeStarted("a")])),
          journal.create(newRun("good")),
          journal.append(appendOf("good", 3, [nodeStarted("b")])),
          journal.append(appendOf("bad", 2, [nodeStarted("b")])),
        ]);
        assert.deepEqual(results.map(codeOf), ["ok", "JOURNAL_FENCED", "RUN_NOT_FOUND", "RUN_EXISTS", "ok", "ok"]);
        assert.deepEqual(await seqs("good"), [1, 2, 3]);
        assert.deepEqual(await seqs("bad"), [1, 2]);
      });

      it("refuses an event over 64 KiB, and takes one of just that (J2)", async () => {
        await journal.create(newRun("r"));
        const bare = JSON.stringify(appendOf("r", 2, [nodeStarted("a", "")]).events[0]).length;
        const request = "é".repeat(Math.floor((MAX_EVENT_BYTES - bare) / 2)) + "x".repeat((MAX_EVENT_BYTES - bare) % 2);
        const tooLarge = appendOf("r", 2, [nodeStarted("b"), nodeStarted("a", `${request}x`)]);
        await refused("EVENT_TOO_LARGE", journal.append(tooLarge));
        assert.deepEqual(await seqs("r"), [1]);
        await journal.append(appendOf("r", 2, [nodeStarted("a", request)]));
        assert.deepEqual(await seqs("r"), [1, 2]);
      });

      it("takes a run.resumed of any size, since it names every node that it resets", async () => {
        await journal.create(newRun("r"));
        const takeOver = takeOverOf("r", 2, 2);
        const [event] = takeOver.events;
        assert.ok(event?.type === "run.resumed");
        const reset = Array.from({ length: 10_000 }, (_, i) => `node-${i}`);
        await journal.takeOver({ ...takeOver, events: [{ ...event, reset }] });
        assert.deepEqual(await seqs("r"), [1, 2]);
      });

      it("refuses events that do not belong together", async () => {
        await journal.create(newRun("r"));
        const [a, b] = appendOf("r", 2, [nodeStarted("a"), nodeStarted("b")]).events;
        assert.ok(a !== undefined && b !== undefined);
        const summary = summaryWith("running");
        const wrong = [[a, { ...b, seq: 4 }], [a, { ...b, run_id: "s" }], [a, { ...b, epoch: 2 }], [b, a], []];
        for (const events of wrong) {
          const [code] = await Promise.allSettled([journal.append({ runId: "r", epoch: 1, events, summary })]);
          assert.equal(codeOf(code), "INTERNAL");
        }
        assert.deepEqual(await seqs("r"), [1]);
      });

      it("applies appends in the order of the calls, without being waited for (J6)", async () => {
        const calls = [journal.create(newRun("r"))];
        for (let seq = 2; seq <= 200; seq++) {
          calls.push(
            journal.append(
              appendOf("r", seq, [nodeStarted(`n${seq}`)], { summary: summaryWith("running", { duration_ms: seq }) }),
            ),
          );
          if (seq % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
        }
        await Promise.all(calls);
        assert.deepEqual(
          await seqs("r"),
          Array.from({ length: 200 }, (_, i) => i + 1),
        );
        assert.equal((await readRun("r")).summary.duration_ms, 200);
      });
    });

    describe("create (J3)", () => {
      it("is refused where the run is there, and changes nothing of it (J3)", async () => {
        await journal.create(newRun("r"));
        const other = await harness.open();
        const again = newRun("r", { summary: summaryWith("failed") });
        await refused("RUN_EXISTS", journal.create(again));
        await refused("RUN_EXISTS", other.create(again));
        assert.equal((await readRun("r")).summary.status, "running");
        assert.deepEqual(await seqs("r"), [1]);
      });

      it("lets one of two win that come at once (J3)", async () => {
        const other = await harness.open();
        const results = await Promise.allSettled([
          journal.create(newRun("r")),
          journal.create(newRun("r")),
          other.create(newRun("r")),
        ]);
        assert.deepEqual(results.map(codeOf).toSorted(), ["RUN_EXISTS", "RUN_EXISTS", "ok"]);
      });

      it("is refused where another run has its key, whoever made that, and before its id is looked at (J3)", async () => {
        const other = await harness.open();
        const idempotency = { key: "token/key", hash: "one" };
        await journal.create(newRun("r", { idempotency }));
        for (const runId of ["s", "r"]) {
          for (const one of [journal, other]) {
            await assert.rejects(one.create(newRun(runId, { idempotency: { key: "token/key", hash: "two" } })), {
              code: "IDEMPOTENCY_KEY_USED",
              details: { run_id: "r", hash: "one" },
            });
          }
        }
        await journal.create(newRun("t", { idempotency: { key: "token/key ", hash: "one" } }));
        assert.deepEqual(
          (await journal.listRuns()).runs.map(({ runId }) => runId),
          ["t", "r"],
        );
        const requester = await harness.openRequester();
        for (const reader of [journal, other, requester]) {
          assert.deepEqual(await reader.findByKey("token/key"), { run_id: "r", hash: "one" });
          assert.deepEqual(await reader.findByKey("token/key "), { run_id: "t", hash: "one" });
          assert.equal(await reader.findByKey("token"), undefined);
        }
      });

      it("lets one of two keys win that come at once, and keeps it whatever becomes of the run (J3)", async () => {
        const other = await harness.open();
        const idempotency = { key: "k", hash: "h" };
        const results = await Promise.allSettled([
          journal.create(newRun("a", { idempotency })),
          journal.create(newRun("b", { idempotency })),
          other.create(newRun("c", { idempotency })),
        ]);
        assert.deepEqual(results.map(codeOf).toSorted(), ["IDEMPOTENCY_KEY_USED", "IDEMPOTENCY_KEY_USED", "ok"]);
        const [run] = (await journal.listRuns()).runs;
        assert.ok(run !== undefined);
        const owner = run.owner.id === journal.ownerId ? journal : other;
        await owner.append(appendOf(run.runId, 2, [SUCCEEDED], { summary: summaryWith("succeeded") }));
        await other.takeOver(takeOverOf(run.runId, 3, 2, { definition: definitionWith("changed") }));
        assert.deepEqual(await journal.findByKey("k"), { run_id: run.runId, hash: "h" });
      });

      it("stores where the run comes from and its priority, where that is said", async () => {
        await journal.create(newRun("r", { origin: "server", priority: -7 }));
        await journal.create(newRun("s", { origin: "cli" }));
        await journal.create(newRun("t"));
        await journal.append(appendOf("r", 2, [nodeStarted("a")]));
        const facts = async (runId: string) => {
          const { origin, priority } = await readRun(runId);
          return { origin, priority };
        };
        assert.deepEqual(await facts("r"), { origin: "server", priority: -7 });
        assert.deepEqual(await facts("s"), { origin: "cli", priority: undefined });
        assert.equal("origin" in (await readRun("t")), false);
        assert.deepEqual(
          (await journal.listRuns({ origin: "server" })).runs.map(({ runId }) => runId),
          ["r"],
        );
        assert.deepEqual((await journal.listRuns({ origin: "library" })).runs, []);
      });

      it("stores the workflow's text under its hash, and the file with the run", async () => {
        const definition = definitionWith('{"x":1}', { file: "/a/w.json" });
        await journal.create(newRun("r", { definition }));
        await journal.create(newRun("s", { definition: { ...definition, file: "/b/w.json" } }));
        await journal.create(newRun("t", { definition: definitionWith("x: 1", { format: "yaml" }) }));
        const stored = await journal.readDefinition(definition.hash);
        assert.deepEqual([stored?.text, stored?.format], [definition.text, "json"]);
        assert.equal((await readRun("r")).file, "/a/w.json");
        assert.equal((await readRun("s")).file, "/b/w.json");
        assert.equal("file" in (await readRun("t")), false);
        assert.equal((await readRun("r")).definitionHash, definition.hash);
        assert.equal(await journal.readDefinition("sha256:unknown"), undefined);
      });

      it("takes a run only from its beginning", async () => {
        const run = newRun("r");
        const wrong = [[], appendOf("r", 1, [SUCCEEDED]).events, appendOf("r", 2, [nodeStarted("a")]).events];
        for (const events of wrong) await refused("INTERNAL", journal.create({ ...run, events }));
        assert.equal(await journal.readRun("r"), undefined);
      });
    });

    describe("takeOver (J4, J5)", () => {
      it("is refused while another owner of an unfinished run lives, and says who (J4)", async () => {
        await journal.create(newRun("r"));
        const other = await harness.open();
        const error = await refused("RUN_OWNED", other.takeOver(takeOverOf("r", 2, 2)));
        const owner = processOf((await readRun("r", other)).owner);
        assert.equal(owner.id, journal.ownerId);
        assert.equal(owner.alive, true);
        assert.ok(error.message.includes(String(owner.pid)) && error.message.includes(owner.host));
        assert.ok(error.message.includes(owner.startedAt));
        assert.deepEqual(await seqs("r"), [1]);
      });

      it("raises the epoch of a dead owner's run by one, in the same append (J4, J5)", async () => {
        await harness.createAndDie([newRun("r")]);
        const before = await readRun("r");
        assert.equal(before.owner.alive, false);
        await refused("JOURNAL_FENCED", journal.append(appendOf("r", 2, [SUCCEEDED])));
        await journal.takeOver(takeOverOf("r", 2, 2, { summary: summaryWith("running", { workflow: "other" }) }));
        const after = await readRun("r");
        assert.deepEqual([after.epoch, after.lastSeq, after.owner.id], [2, 2, journal.ownerId]);
        assert.deepEqual([after.owner.alive, after.summary.workflow], [true, "other"]);
        await journal.append(appendOf("r", 3, [SUCCEEDED], { epoch: 2 }));
        assert.deepEqual(await seqs("r"), [1, 2, 3]);
      });

      it("is refused where the run has moved on (J4)", async () => {
        await harness.createAndDie([newRun("r")]);
        await refused("JOURNAL_FENCED", journal.takeOver(takeOverOf("r", 2, 1)));
        await refused("JOURNAL_FENCED", journal.takeOver(takeOverOf("r", 2, 3)));
        await refused("JOURNAL_FENCED", journal.takeOver(takeOverOf("r", 3, 2)));
        await refused("RUN_NOT_FOUND", journal.takeOver(takeOverOf("nobody", 2, 2)));
        assert.equal((await readRun("r")).epoch, 1);
      });

      it("lets one of two win that come at once (J4)", async () => {
        await harness.createAndDie([newRun("r")]);
        const other = await harness.open();
        const results = await Promise.allSettled([
          journal.takeOver(takeOverOf("r", 2, 2)),
          other.takeOver(takeOverOf("r", 2, 2)),
        ]);
        const codes = results.map(codeOf);
        assert.equal(codes.filter((code) => code === "ok").length, 1);
        assert.ok(codes.includes("RUN_OWNED"));
        assert.deepEqual(await seqs("r"), [1, 2]);
      });

      it("takes a finished run, whoever lives, and fences its former owner (J4, E6)", async () => {
        await journal.create(newRun("r"));
        await journal.append(appendOf("r", 2, [SUCCEEDED], { summary: summaryWith("failed") }));
        const other = await harness.open();
        await other.takeOver(takeOverOf("r", 3, 2));
        await refused("JOURNAL_FENCED", journal.append(appendOf("r", 4, [SUCCEEDED])));
        await refused("JOURNAL_FENCED", journal.append(appendOf("r", 4, [SUCCEEDED], { epoch: 2 })));
        assert.deepEqual(await seqs("r"), [1, 2, 3]);
      });

      it("takes a run of this very journal", async () => {
        await journal.create(newRun("r"));
        await journal.takeOver(takeOverOf("r", 2, 2));
        await refused("JOURNAL_FENCED", journal.append(appendOf("r", 3, [SUCCEEDED])));
        assert.equal((await readRun("r")).epoch, 2);
      });

      it("changes the workflow only where another is given", async () => {
        const changed = definitionWith('{"changed":true}', { file: "/elsewhere/w.json" });
        await journal.create(newRun("r"));
        await journal.takeOver(takeOverOf("r", 2, 2));
        const { definitionHash, file } = await readRun("r");
        assert.deepEqual([definitionHash, file], [newRun("r").definition.hash, newRun("r").definition.file]);
        await journal.takeOver(takeOverOf("r", 3, 3, { definition: changed }));
        const after = await readRun("r");
        assert.deepEqual([after.definitionHash, after.file], [changed.hash, changed.file]);
        assert.equal((await journal.readDefinition(changed.hash))?.text, changed.text);
      });
    });

    const cancel = (key: string, more: Partial<NewRequest> = {}): NewRequest => ({
      ...{ runId: "r", kind: "cancel", key, by: "somebody", at: "2025-01-01T00:00:02.000Z" },
      ...more,
    });

    describe("requests (J7)", () => {
      it("are one by run and key, and keep what came first (J7)", async () => {
        const other = await harness.open();
        await journal.create(newRun("r"));
        await journal.create(newRun("s"));
        const first = await other.addRequest(cancel("k", { reason: "enough" }));
        assert.deepEqual(await journal.addRequest(cancel("k", { by: "another" })), first);
        const second = await journal.addRequest(cancel("l"));
        const elsewhere = await journal.addRequest(cancel("k", { runId: "s" }));
        assert.ok(first.id < second.id && second.id < elsewhere.id);
        assert.deepEqual(await journal.readRequests("r"), [first, second]);
        assert.deepEqual(await other.readRequests("s"), [elsewhere]);
        assert.deepEqual(first, { ...cancel("k", { reason: "enough" }), id: first.id });
      });

      it("are refused for a run that is not there", async () => {
        await refused("RUN_NOT_FOUND", journal.addRequest(cancel("k", { runId: "nobody" })));
        assert.deepEqual(await journal.readRequests("nobody"), []);
      });

      it("are answered with the events that answer them, or not at all (J7)", async () => {
        await journal.create(newRun("r"));
        const { id } = await journal.addRequest(cancel("k"));
        const answers = [{ requestId: id, answer: { kind: "applied", seq: 2 } }] as const;
        const requested = { type: "run.cancel_requested", by: "somebody" } as const;
        await refused("JOURNAL_FENCED", journal.append(appendOf("r", 3, [requested], { answers })));
        assert.equal((await journal.readRequests("r", { unanswered: true })).length, 1);
        await journal.append(appendOf("r", 2, [requested], { answers }));
        assert.deepEqual(await journal.readRequests("r", { unanswered: true }), []);
        assert.deepEqual((await journal.readRequests("r"))[0]?.answer, { kind: "applied", seq: 2 });
        assert.deepEqual(await seqs("r"), [1, 2]);
      });

      it("are answered once, and only in their own run (J7)", async () => {
        await journal.create(newRun("r"));
        await journal.create(newRun("s"));
        const { id } = await journal.addRequest(cancel("k"));
        const answers = [{ requestId: id, answer: { kind: "applied", seq: 2 } }] as const;
        await refused("INTERNAL", journal.append(appendOf("s", 2, [nodeStarted("a")], { answers })));
        await refused(
          "INTERNAL",
          journal.append(appendOf("r", 2, [nodeStarted("a")], { answers: [{ ...answers[0], requestId: id + 7 }] })),
        );
        await journal.append(appendOf("r", 2, [nodeStarted("a")], { answers }));
        await refused("JOURNAL_FENCED", journal.append(appendOf("r", 3, [nodeStarted("b")], { answers })));
        assert.deepEqual(await seqs("r"), [1, 2]);
        assert.deepEqual(await seqs("s"), [1]);
      });

      it("can be refused without an event, and in a takeover (J7)", async () => {
        await harness.createAndDie([newRun("r")]);
        const [first, second] = [await journal.addRequest(cancel("k")), await journal.addRequest(cancel("l"))];
        const answer = { kind: "refused", error: { code: "RUN_ALREADY_ENDED", message: "too late" } } as const;
        await journal.takeOver(takeOverOf("r", 2, 2, { answers: [{ requestId: first.id, answer }] }));
        await journal.append(appendOf("r", 3, [], { epoch: 2, answers: [{ requestId: second.id, answer }] }));
        const requests = await journal.readRequests("r");
        assert.deepEqual(
          requests.map((request) => request.answer),
          [answer, answer],
        );
        assert.deepEqual(await seqs("r"), [1, 2]);
      });
    });

    describe("requests that wait for an owner", () => {
      const waiting = async (owner: Journal): Promise<readonly string[]> =>
        (await owner.readUnanswered()).map(({ runId, key }) => `${runId}/${key}`);

      it("are the unanswered ones of its own runs, in order of arrival, also of those that have ended", async () => {
        const other = await harness.open();
        for (const runId of ["r", "s"]) await journal.create(newRun(runId));
        await other.create(newRun("theirs"));
        assert.deepEqual(await waiting(journal), []);
        for (const [runId, key] of [
          ["s", "k"],
          ["theirs", "k"],
          ["r", "k"],
          ["s", "l"],
        ] as const) {
          await other.addRequest(cancel(key, { runId }));
        }
        assert.deepEqual(await waiting(journal), ["s/k", "r/k", "s/l"]);
        assert.deepEqual(await waiting(other), ["theirs/k"]);
        assert.deepEqual(await journal.readUnanswered(), [
          ...(await journal.readRequests("s")).slice(0, 1),
          ...(await journal.readRequests("r")),
          ...(await journal.readRequests("s")).slice(1),
        ]);
        await journal.append(appendOf("r", 2, [SUCCEEDED], { summary: summaryWith("succeeded") }));
        assert.deepEqual(await waiting(journal), ["s/k", "r/k", "s/l"]);
      });

      it("are there until they are answered", async () => {
        await journal.create(newRun("r"));
        const { id } = await journal.addRequest(cancel("k"));
        await journal.addRequest(cancel("l"));
        assert.deepEqual(await waiting(journal), ["r/k", "r/l"]);
        const answers = [{ requestId: id, answer: { kind: "applied", seq: 2 } }] as const;
        await journal.append(appendOf("r", 2, [nodeStarted("a")], { answers }));
        assert.deepEqual(await waiting(journal), ["r/l"]);
        await journal.addRequest(cancel("m"));
        assert.deepEqual(await waiting(journal), ["r/l", "r/m"]);
      });

      it("go with the run to who takes it over, also those that it had looked past before", async () => {
        await harness.createAndDie([newRun("r")]);
        const other = await harness.open();
        await other.create(newRun("s"));
        await other.addRequest(cancel("k"));
        await other.addRequest(cancel("k", { runId: "s" }));
        assert.deepEqual(await waiting(journal), []);
        await journal.takeOver(takeOverOf("r", 2, 2));
        assert.deepEqual(await waiting(journal), ["r/k"]);
      });
    });

    describe("who asks without being an owner", () => {
      it("leaves requests, which the owner sees by its version and answers (J7)", async () => {
        await journal.create(newRun("r"));
        const requester = await harness.openRequester();
        const before = journal.version();
        const request = await requester.addRequest(cancel("k", { reason: "enough" }));
        assert.notEqual(journal.version(), before);
        assert.deepEqual(await journal.readUnanswered(), [request]);
        assert.deepEqual(request, { ...cancel("k", { reason: "enough" }), id: request.id });
        const seen = requester.version();
        const answer = { kind: "applied", seq: 2 } as const;
        await journal.append(appendOf("r", 2, [nodeStarted("a")], { answers: [{ requestId: request.id, answer }] }));
        assert.notEqual(requester.version(), seen);
        assert.deepEqual(await requester.readRequests("r"), [{ ...request, answer }]);
      });

      it("gets the stored request for a known key, and ids among those of the owners (J7)", async () => {
        await journal.create(newRun("r"));
        const requester = await harness.openRequester();
        const first = await journal.addRequest(cancel("k"));
        assert.deepEqual(await requester.addRequest(cancel("k", { by: "another" })), first);
        const second = await requester.addRequest(cancel("l"));
        const third = await journal.addRequest(cancel("m"));
        assert.ok(first.id < second.id && second.id < third.id);
        assert.deepEqual(await journal.readRequests("r"), [first, second, third]);
      });

      it("is refused for a run that is not there, and by its own version sees what it asked", async () => {
        const requester = await harness.openRequester();
        await refused("RUN_NOT_FOUND", requester.addRequest(cancel("k")));
        await journal.create(newRun("r"));
        await refused("RUN_NOT_FOUND", requester.addRequest(cancel("k", { runId: "s" })));
        const before = requester.version();
        assert.equal(requester.version(), before);
        await requester.addRequest(cancel("k"));
        assert.notEqual(requester.version(), before);
      });

      it("keeps nobody from writing, reads what owners read, and is refused once it is closed", async () => {
        await journal.create(newRun("r"));
        const requester = await harness.openRequester();
        await requester.addRequest(cancel("k"));
        await journal.append(appendOf("r", 2, [nodeStarted("a"), SUCCEEDED]));
        assert.deepEqual(await requester.readStored("r"), await journal.readStored("r"));
        assert.deepEqual(await requester.readRun("r"), await journal.readRun("r"));
        assert.deepEqual(await requester.listRuns(), await journal.listRuns());
        assert.deepEqual(await requester.readEvents("r", 1), await journal.readEvents("r", 1));
        const { hash } = newRun("r").definition;
        assert.deepEqual(await requester.readDefinition(hash), await journal.readDefinition(hash));
        await requester.close();
        await refused("JOURNAL_FAILED", requester.readRun("r"));
        await refused("JOURNAL_FAILED", requester.addRequest(cancel("l")));
        assert.equal((await readRun("r")).owner.alive, true);
      });
    });

    describe("all that is stored of a run (J10)", () => {
      it("is its row, its events, the workflows they name and its requests", async () => {
        const changed = definitionWith('{"changed":true}', { file: "/elsewhere/w.json" });
        await journal.create(newRun("other", { definition: { ...changed, file: "/another/w.json" } }));
        const { definition } = newRun("r");
        await journal.create(newRun("r"));
        await journal.addRequest(cancel("k", { runId: "other" }));
        await journal.addRequest(cancel("k"));
        await journal.takeOver(takeOverOf("r", 2, 2, { definition: changed }));
        assert.deepEqual(await journal.readStored("r"), {
          record: await journal.readRun("r"),
          events: await journal.readEvents("r"),
          definitions: new Map([
            [definition.hash, definition],
            [changed.hash, changed],
          ]),
          requests: await journal.readRequests("r"),
        });
        assert.equal((await journal.readStored("r"))?.requests.length, 1);
      });

      it("is refused where a workflow is not there that an event names", async () => {
        await journal.create(newRun("r"));
        const takeOver = takeOverOf("r", 2, 2, { definition: definitionWith("named") });
        const { definition: _, ...unstored } = takeOver;
        await journal.takeOver(unstored);
        const error = await refused("JOURNAL_DAMAGED", journal.readStored("r"));
        assert.deepEqual(error.details, { run_id: "r", seq: 2 });
      });

      it("is all of a run, whatever was read of it before, or is not of it", async () => {
        await journal.create(newRun("r"));
        await journal.append(appendOf("r", 2, [nodeStarted("a"), nodeStarted("b")]));
        await journal.create(newRun("other"));
        await journal.append(appendOf("other", 2, [nodeStarted("a"), nodeStarted("c"), nodeStarted("d")]));
        const whole = await journal.readStored("r");
        assert.equal(whole?.events.length, 3);
        for (const length of [0, 1, 2, 3]) {
          assert.deepEqual(await journal.readStored("r", (await journal.readEvents("r")).slice(0, length)), whole);
          assert.deepEqual(
            await journal.readStored("r", (await journal.readEvents("other")).slice(0, length + 1)),
            whole,
          );
        }
      });

      it("was so at one moment, while another owner writes; two calls tell of two (J10)", async (t) => {
        const lengths = new Set<number>();
        let pairs = 0;
        let torn = 0;
        const readBeside = async (runId: string): Promise<void> => {
          const writer = await harness.startWriter(runId);
          lengths.clear();
          while (!(await writer.isOver())) {
            const earlier = await journal.readEvents(runId, 0, lengths.size % 2 === 0 ? 50 : 0);
            const stored = await journal.readStored(runId, earlier);
            assert.ok(stored !== undefined);
            assertOneMoment(stored);
            lengths.add(stored.events.length);
            for (let i = 0; i < 10; i++) {
              const { lastSeq } = await readRun(runId);
              const later = await journal.readEvents(runId, lastSeq);
              pairs += 1;
              if (later.length > 0) torn += 1;
            }
          }
          await writer.ended;
        };
        // On a busy machine a writer may be over before anybody has read beside it.
        for (let nth = 1; nth <= 20 && (lengths.size < 2 || torn === 0); nth += 1) await readBeside(`r${nth}`);
        t.diagnostic(`read whole at ${lengths.size} lengths; of ${pairs} pairs of row and events ${torn} were torn`);
        assert.ok(lengths.size > 1);
        assert.ok(torn > 0);
      });
    });

    describe("the feed of all runs (J11)", () => {
      /** Reads page after page, to the end. */
      const readOn = async (after: string | undefined, from: JournalReader = journal) => {
        const items: FeedItem[] = [];
        let cursor = after;
        for (;;) {
          const page = await from.readFeed(cursor);
          items.push(...page.items);
          ({ cursor } = page);
          if (page.isEnd) return { items, cursor };
        }
      };
      const placesOf = (items: readonly FeedItem[]) =>
        items.map((item) => (item.kind === "event" ? `${item.event.run_id} ${item.event.seq}` : item.kind));

      it("gives the events of all runs in the order of their appends, and goes on from any of its cursors", async () => {
        const other = await harness.open();
        await journal.create(newRun("a"));
        await other.create(newRun("b"));
        await journal.append(appendOf("a", 2, [nodeStarted("x"), nodeStarted("y")]));
        await other.append(appendOf("b", 2, [SUCCEEDED]));
        const { items, cursor } = await readOn(undefined, await harness.openRequester());
        assert.deepEqual(placesOf(items), ["a 1", "b 1", "a 2", "a 3", "b 2"]);
        assert.deepEqual(
          items.flatMap((item) => (item.kind === "event" && item.event.run_id === "a" ? [item.event] : [])),
          await journal.readEvents("a"),
        );
        for (const [index, item] of items.entries()) {
          assert.deepEqual(placesOf((await readOn(item.cursor)).items), placesOf(items.slice(index + 1)));
        }
        await journal.append(appendOf("a", 4, [SUCCEEDED]));
        assert.deepEqual(placesOf((await readOn(cursor)).items), ["a 4"]);
      });

      it("begins with what is recorded from now on, where that is asked for", async () => {
        const empty = await readOn("now");
        assert.deepEqual(placesOf(empty.items), ["now"]);
        await journal.create(newRun("a"));
        const late = await readOn("now");
        await journal.append(appendOf("a", 2, [SUCCEEDED]));
        assert.deepEqual(placesOf((await readOn(empty.cursor)).items), ["a 1", "a 2"]);
        assert.deepEqual(placesOf((await readOn(late.items[0]?.cursor)).items), ["a 2"]);
      });

      it("refuses what is no cursor, and tells of one of another history", async () => {
        for (const bad of ["", "e", "7", "e1.0", "e-1.0.0", "ezzzzzzzzzzz.0.0", "Now"]) {
          assert.equal((await refused("USAGE", journal.readFeed(bad))).code, "USAGE");
        }
        await journal.create(newRun("a"));
        const ahead = await readOn("e9.0.0");
        assert.deepEqual(placesOf(ahead.items), ["reset", "a 1"]);
        assert.ok(ahead.items[0]?.kind === "reset" && ahead.items[0].reason === "unknown");
        assert.deepEqual(placesOf((await readOn(ahead.items[0].cursor)).items), ["a 1"]);
      });

      it("misses nothing and gives nothing twice while several owners write", async (t) => {
        const runIds = ["r1", "r2", "r3"];
        const writers = await Promise.all(runIds.map((runId) => harness.startWriter(runId)));
        const areOver = async () => (await Promise.all(writers.map((writer) => writer.isOver()))).every(Boolean);
        const seen: FeedItem[] = [];
        let cursor: string | undefined;
        let pages = 0;
        for (let isLast = false; ; ) {
          const page = await journal.readFeed(cursor);
          if (page.items.length > 0) pages += 1;
          seen.push(...page.items);
          ({ cursor } = page);
          if (isLast && page.isEnd) break;
          isLast = await areOver();
        }
        for (const writer of writers) await writer.ended;
        t.diagnostic(`${seen.length} events in ${pages} pages`);
        assert.ok(pages > 3);
        for (const runId of runIds) {
          const events = seen.flatMap((item) =>
            item.kind === "event" && item.event.run_id === runId ? [item.event] : [],
          );
          assert.deepEqual(events, await journal.readEvents(runId));
        }
        assert.deepEqual(placesOf((await readOn(undefined)).items), placesOf(seen));
      });
    });

    describe("lists", () => {
      it("newest first, by status, workflow and whether they are interrupted, up to a limit", async () => {
        await harness.createAndDie([newRun("left"), newRun("done", { summary: summaryWith("succeeded") })]);
        await journal.create(newRun("live", { summary: summaryWith("running", { workflow: "other" }) }));
        await journal.create(newRun("aaa", { summary: summaryWith("failed") }));
        const ids = async (filter?: Parameters<Journal["listRuns"]>[0]) =>
          (await journal.listRuns(filter)).runs.map((run) => run.runId);
        assert.deepEqual(await ids(), ["aaa", "live", "done", "left"]);
        assert.deepEqual(await ids({ status: "running" }), ["live", "left"]);
        assert.deepEqual(await ids({ workflow: "other" }), ["live"]);
        assert.deepEqual(await ids({ interrupted: true }), ["left"]);
        assert.deepEqual(await ids({ interrupted: false }), ["aaa", "live", "done"]);
        assert.deepEqual(await ids({ limit: 1, status: "running" }), ["live"]);
        assert.deepEqual(await ids({ limit: 2 }), ["aaa", "live"]);
        const { runs, damaged } = await journal.listRuns();
        for (const run of runs) assert.deepEqual(run, await journal.readRun(run.runId));
        assert.deepEqual(damaged, []);
      });

      it("by a text in the workflow's name, the id or the error, whatever the case of its letters", async () => {
        const failed = (message: string) => summaryWith("failed", { error: { code: "SERVICE_UNREACHABLE", message } });
        await journal.create(newRun("Meter-1", { summary: summaryWith("succeeded", { workflow: "one" }) }));
        await journal.create(newRun("r2", { summary: summaryWith("running", { workflow: "Meters" }) }));
        await journal.create(newRun("r3", { summary: failed('no "\\meter" in the\u0001 café') }));
        const ids = async (text: string, more: RunFilter = {}) =>
          (await journal.listRuns({ ...more, text })).runs.map((run) => run.runId);
        assert.deepEqual(await ids("METER"), ["r3", "r2", "Meter-1"]);
        assert.deepEqual(await ids("meter", { status: "succeeded", limit: 1 }), ["Meter-1"]);
        assert.deepEqual(await ids('"\\Meter" in the\u0001 CAFé'), ["r3"]);
        assert.deepEqual(await ids("unreachable: NO"), ["r3"]);
        assert.deepEqual(await ids("failed"), [], "not what else is stored of a run");
        assert.deepEqual(await ids("%"), []);
        assert.deepEqual(await ids(""), ["r3", "r2", "Meter-1"]);
      });

      it("are counted by where the runs stand, those that nobody drives apart", async () => {
        const none = { pending: 0, running: 0, interrupted: 0, succeeded: 0, failed: 0, cancelled: 0 };
        assert.deepEqual(await journal.countRuns(), none);
        await harness.createAndDie([newRun("left"), newRun("done", { summary: summaryWith("succeeded") })]);
        for (const [at, status] of (["pending", "running", "running", "failed", "cancelled"] as const).entries()) {
          await journal.create(newRun(`r${at}`, { summary: summaryWith(status) }));
        }
        const counts = { pending: 1, running: 2, interrupted: 1, succeeded: 1, failed: 1, cancelled: 1 };
        assert.deepEqual(await journal.countRuns(), counts);
      });

      it("by when they were created, whatever the order of the clock", async () => {
        const at = (hour: number) => `2025-01-01T0${hour}:00:00.000Z`;
        for (const [runId, hour] of [
          ["a", 1],
          ["b", 5],
          ["c", 2],
          ["d", 6],
        ] as const) {
          await journal.create(newRun(runId, { summary: summaryWith("running", { created_at: at(hour) }) }));
        }
        const since = async (hour: number, more: RunFilter = {}) =>
          (await journal.listRuns({ ...more, since: at(hour) })).runs.map((run) => run.runId);
        assert.deepEqual(await since(0), ["d", "c", "b", "a"]);
        assert.deepEqual(await since(3), ["d", "b"]);
        assert.deepEqual(await since(6), ["d"]);
        assert.deepEqual(await since(7), []);
        assert.deepEqual(await since(2, { limit: 2, status: "running" }), ["d", "c"]);
        assert.deepEqual(await since(2, { createdBefore: at(6) }), ["c", "b"]);
        const createdBefore = async (hour: number) =>
          (await journal.listRuns({ createdBefore: at(hour) })).runs.map((run) => run.runId);
        assert.deepEqual(await createdBefore(1), []);
        assert.deepEqual(await createdBefore(3), ["c", "a"]);
        assert.deepEqual(await createdBefore(7), ["d", "c", "b", "a"]);
      });

      it("by when they ended, whenever they were created", async () => {
        const at = (hour: number) => `2025-01-02T0${hour}:00:00.000Z`;
        for (const [runId, hour] of [
          ["a", 5],
          ["b", 1],
          ["c", undefined],
          ["d", 3],
        ] as const) {
          const summary =
            hour === undefined ? summaryWith("running") : summaryWith("succeeded", { ended_at: at(hour) });
          await journal.create(newRun(runId, { summary }));
        }
        const ended = async (filter: RunFilter) => (await journal.listRuns(filter)).runs.map((run) => run.runId);
        assert.deepEqual(await ended({ endedSince: at(0) }), ["d", "b", "a"]);
        assert.deepEqual(await ended({ endedSince: at(3) }), ["d", "a"]);
        assert.deepEqual(await ended({ endedSince: at(1), endedBefore: at(5) }), ["d", "b"]);
        assert.deepEqual(await ended({ endedBefore: at(1) }), []);
        assert.deepEqual(await ended({ endedSince: at(6) }), []);
      });

      it("give what became of runs by when they ended, page by page either way, for counting", async () => {
        const end = async (runId: string, at: string, status: RunStatus, workflow = "w") => {
          const summary = summaryWith(status, { workflow, ended_at: `2025-01-01T00:00:0${at}.000Z` });
          await journal.create(newRun(runId, { summary }));
        };
        await end("a", "5", "succeeded");
        await end("b", "3", "failed", "v");
        await journal.create(newRun("c"));
        await end("d", "3", "cancelled");
        await end("e", "1", "succeeded");
        const all = await journal.readOutcomes({ from: { ended: 0, n: 0 }, towards: "later", limit: 9 });
        const second = (ended: number): number => (ended - Date.UTC(2025, 0, 1)) / 1000;
        assert.deepEqual(
          all.map(({ ended, workflow, status }) => [second(ended), workflow, status]),
          [
            [1, "w", "succeeded"],
            [3, "v", "failed"],
            [3, "w", "cancelled"],
            [5, "w", "succeeded"],
          ],
        );
        for (const [at, from] of all.entries()) {
          const later = await journal.readOutcomes({ from, towards: "later", limit: 2 });
          const earlier = await journal.readOutcomes({ from, towards: "earlier", limit: 2 });
          assert.deepEqual(later, all.slice(at + 1, at + 3));
          assert.deepEqual(earlier, all.slice(Math.max(at - 2, 0), at).toReversed());
        }
        // Whoever goes on with a run takes its outcome back.
        await journal.takeOver(takeOverOf("d", 2, 2));
        const rest = await journal.readOutcomes({ from: { ended: 0, n: 0 }, towards: "later", limit: 9 });
        assert.equal(rest.length, 3);
      });

      it("go on where they ended, page by page, whatever is filtered and whatever is made meanwhile", async () => {
        await harness.createAndDie([newRun("dead-1"), newRun("dead-2"), newRun("dead-3")]);
        for (let i = 0; i < 9; i++) {
          const status = i % 3 === 0 ? "failed" : "succeeded";
          const summary = summaryWith(status, { workflow: i < 5 ? "one" : "two" });
          await journal.create(newRun(`r${i}`, { summary, origin: i % 2 === 0 ? "server" : "library" }));
        }
        const filters: readonly RunFilter[] = [
          {},
          { status: "failed" },
          { workflow: "two" },
          { text: "TWO" },
          { interrupted: true },
          { interrupted: false },
          { status: "succeeded", workflow: "one" },
          { since: "2025-01-01T00:00:00.000Z" },
          { createdBefore: "2025-01-01T00:00:00.001Z" },
          { endedSince: "2025-01-01T00:00:03.000Z" },
          { origin: "server" },
          { status: "cancelled" },
        ];
        for (const filter of filters) {
          const whole = (await journal.listRuns(filter)).runs.map((run) => run.runId);
          assert.equal((await journal.listRuns({ ...filter, limit: whole.length })).next, undefined);
          for (const limit of [1, 2, 4]) {
            const paged: string[] = [];
            let before: string | undefined;
            do {
              const page = await journal.listRuns({ ...filter, limit, ...(before === undefined ? {} : { before }) });
              assert.ok(page.runs.length === limit || page.next === undefined);
              paged.push(...page.runs.map((run) => run.runId));
              before = page.next;
            } while (before !== undefined);
            assert.deepEqual(paged, whole);
          }
        }
        const { next } = await journal.listRuns({ limit: 1 });
        assert.ok(next !== undefined);
        await journal.create(newRun("later"));
        assert.deepEqual((await journal.listRuns({ limit: 1, before: next })).runs[0]?.runId, "r7");
        for (const before of ["", "r", "r-1", "e1", "rA", "r%", "r1 ", `r${"z".repeat(12)}`]) {
          await refused("USAGE", journal.listRuns({ before }));
        }
      });

      it("find ids by their beginning, and one that is whole alone", async () => {
        for (const runId of ["b-1", "a-1", "a-10", "a-2", "A-1", "a.x"]) await journal.create(newRun(runId));
        const requester = await harness.openRequester();
        for (const reader of [journal, requester]) {
          assert.deepEqual(await reader.findRunIds("a-1", 9), ["a-1"]);
          assert.deepEqual(await reader.findRunIds("a-", 9), ["a-1", "a-10", "a-2"]);
          assert.deepEqual(await reader.findRunIds("a", 2), ["a-1", "a-10"]);
          assert.deepEqual(await reader.findRunIds("b", 9), ["b-1"]);
          for (const none of ["c", "%", "a_", "a-1 ", "\u0000"]) assert.deepEqual(await reader.findRunIds(none, 9), []);
        }
      });

      it("know nothing of runs that are not there", async () => {
        assert.deepEqual(await journal.listRuns(), { runs: [], damaged: [] });
        assert.equal(await journal.readRun("r"), undefined);
        assert.equal(await journal.readStored("r"), undefined);
        assert.deepEqual(await journal.readEvents("r"), []);
      });
    });

    describe("pruning (J12)", () => {
      const AT = "2026-01-01T00:00:00.000Z";
      const ended = (runId: string, more: Partial<NewRun> = {}) =>
        newRun(runId, { summary: summaryWith("succeeded", { ended_at: "2025-01-01T00:00:01.000Z" }), ...more });
      const idsOf = async (reader: JournalReader = journal) => (await reader.listRuns()).runs.map((run) => run.runId);

      it("deletes an ended run whole, for every journal, and refuses its id from then on", async () => {
        const other = await harness.open();
        for (const runId of ["a", "b", "c"]) await journal.create(ended(runId));
        const changed = definitionWith("changed");
        await journal.takeOver(takeOverOf("b", 2, 2, { definition: changed, summary: summaryWith("failed") }));
        await journal.create(newRun("d", { definition: changed }));
        assert.ok((await journal.readSize("b")) > 0);
        assert.equal(await other.prune("b", AT), true);
        assert.equal(await other.prune("b", AT), false);
        for (const reader of [journal, other]) {
          assert.deepEqual(await idsOf(reader), ["d", "c", "a"]);
          assert.equal(await reader.readRun("b"), undefined);
          assert.equal(await reader.readStored("b"), undefined);
          assert.deepEqual(await reader.readEvents("b"), []);
          assert.deepEqual(await reader.readRequests("b"), []);
          assert.equal(await reader.readSize("b"), 0);
          const error = await refused("RUN_EXISTS", reader.create(newRun("b")));
          assert.deepEqual(error.details, { run_id: "b", pruned_at: AT });
          assert.deepEqual(await reader.readDefinition(changed.hash), changed);
        }
        assert.deepEqual(await seqs("a"), [1]);
        await refused("RUN_NOT_FOUND", journal.append(appendOf("b", 3, [SUCCEEDED], { epoch: 2 })));
        await refused("RUN_NOT_FOUND", other.takeOver(takeOverOf("b", 3, 3)));
        await journal.giveBack();
      });

      it("frees the key of a run that is gone (J3)", async () => {
        const idempotency = { key: "k", hash: "h" };
        await journal.create(ended("a", { idempotency }));
        await (await harness.open()).prune("a", AT);
        assert.equal(await journal.findByKey("k"), undefined);
        await journal.create(newRun("b", { idempotency }));
        assert.equal((await journal.findByKey("k"))?.run_id, "b");
      });

      it("deletes the workflows that no other run needs, or has needed", async () => {
        const [first, second] = [definitionWith("first"), definitionWith("second")];
        const failed = summaryWith("failed");
        for (const runId of ["a", "b"]) await journal.create(ended(runId, { definition: first, summary: failed }));
        await journal.takeOver(takeOverOf("b", 2, 2, { definition: second, summary: failed }));
        const stored = async () =>
          (await Promise.all([first, second].map(({ hash }) => journal.readDefinition(hash)))).map(Boolean);
        assert.equal(await journal.prune("a", AT), true);
        assert.deepEqual(await stored(), [true, true]);
        assert.equal((await journal.readStored("b"))?.definitions.size, 2);
        assert.equal(await journal.prune("b", AT), true);
        assert.deepEqual(await stored(), [false, false]);
      });

      it("leaves what has not ended, what is paused, and what is not there", async () => {
        await harness.createAndDie([newRun("interrupted")]);
        await journal.create(newRun("running"));
        await journal.create(newRun("paused", { summary: summaryWith("running", { paused: true }) }));
        await journal.create(newRun("pending", { summary: summaryWith("pending") }));
        const before = await journal.listRuns();
        for (const runId of ["interrupted", "running", "paused", "pending", "none"]) {
          assert.equal(await journal.prune(runId, AT), false);
        }
        assert.deepEqual(await journal.listRuns(), before);
      });

      it("leaves a run that a live owner may still be telling of", async () => {
        const just = newRun("just", { summary: summaryWith("failed", { ended_at: "2025-12-31T23:59:55.000Z" }) });
        const dead = { ...just, runId: "dead", events: newRun("dead").events };
        await harness.createAndDie([dead]);
        const other = await harness.open();
        await journal.create(just);
        assert.equal(await other.prune("just", AT), false);
        assert.equal(await other.prune("dead", AT), true);
        assert.equal(await other.prune("just", "2026-01-01T00:00:10.000Z"), true);
      });

      it("deletes a run with a request that nobody answers any more", async () => {
        await journal.create(ended("asked"));
        await journal.addRequest(cancel("k", { runId: "asked" }));
        assert.equal(await journal.prune("asked", AT), true);
        assert.deepEqual(await journal.readUnanswered(), []);
      });

      it("uses no number twice: places in lists and ids of requests mean what they meant", async () => {
        const other = await harness.open();
        for (const runId of ["a", "b", "c", "d"]) await journal.create(ended(runId));
        await journal.create(newRun("live"));
        const first = await journal.addRequest(cancel("k", { runId: "d" }));
        assert.deepEqual(await journal.readUnanswered(), [first]);
        const { next } = await journal.listRuns({ limit: 2 });
        assert.ok(next !== undefined);
        for (const runId of ["c", "d"]) assert.equal(await other.prune(runId, AT), true);
        assert.deepEqual(await journal.readUnanswered(), []);
        await other.create(ended("e"));
        const second = await other.addRequest(cancel("k", { runId: "live" }));
        assert.ok(second.id > first.id);
        assert.deepEqual(await journal.readUnanswered(), [second]);
        const after = await journal.listRuns({ before: next });
        assert.deepEqual(
          after.runs.map((run) => run.runId),
          ["b", "a"],
        );
        assert.deepEqual(await idsOf(), ["e", "live", "b", "a"]);
      });

      it("is told by the feed where events went that it had not given (J11)", async () => {
        for (const runId of ["a", "b", "c"]) await journal.create(ended(runId));
        const { items, cursor } = await journal.readFeed();
        assert.equal(await journal.prune("b", AT), true);
        const kinds = async (after?: string) =>
          (await journal.readFeed(after)).items.map((item) => (item.kind === "event" ? item.event.run_id : item.kind));
        assert.deepEqual(await kinds(items[0]?.cursor), ["reset", "c"]);
        assert.deepEqual(await kinds(), ["a", "c"]);
        assert.deepEqual(await kinds(cursor), [], "all of it was given");
      });

      it("passes over more pruned events than a page of the feed has (J11)", async () => {
        const many = Array.from({ length: 450 }, () => nodeStarted("a"));
        const summary = summaryWith("succeeded", { ended_at: "2025-01-01T00:00:01.000Z" });
        for (const runId of ["a", "b"]) await journal.create(ended(runId));
        await journal.append(appendOf("b", 2, many, { summary }));
        await journal.create(ended("c"));
        const { cursor } = await journal.readFeed();
        assert.equal(await journal.prune("b", AT), true);
        const page = await journal.readFeed();
        assert.deepEqual(
          page.items.map((item) => (item.kind === "event" ? item.event.run_id : item.kind)),
          ["a", "c"],
        );
        assert.equal(page.isEnd, true);
        assert.notEqual(page.cursor, cursor);
      });

      it("remembers whose logs are still to go", async () => {
        for (const runId of ["a", "b"]) await journal.create(ended(runId));
        for (const runId of ["a", "b"]) await journal.prune(runId, AT);
        const other = await harness.open();
        assert.deepEqual((await other.readUnswept()).toSorted(), ["a", "b"]);
        await journal.noteSwept(["a"]);
        assert.deepEqual(await other.readUnswept(), ["b"]);
      });

      it("goes with appends of other runs in one turn", async () => {
        for (const runId of ["a", "b"]) await journal.create(ended(runId));
        await journal.create(newRun("live"));
        const results = await Promise.allSettled([
          journal.prune("a", AT),
          journal.append(appendOf("live", 2, [nodeStarted("a")])),
          journal.create(newRun("a")),
          journal.prune("b", AT),
          journal.create(ended("new")),
          journal.prune("new", AT),
        ]);
        assert.deepEqual(results.map(codeOf), ["ok", "ok", "RUN_EXISTS", "ok", "ok", "ok"]);
        assert.deepEqual(await idsOf(), ["live"]);
        assert.deepEqual(await seqs("live"), [1, 2]);
      });
    });

    it("version differs after what others write and after any request, and not after own appends", async () => {
      const other = await harness.open();
      await journal.create(newRun("r"));
      let [mine, theirs] = [journal.version(), other.version()];
      const changes = () => {
        const now = [journal.version(), other.version()] as const;
        const differs = [now[0] !== mine, now[1] !== theirs];
        [mine, theirs] = now;
        return differs;
      };
      assert.deepEqual(changes(), [false, false]);
      await journal.append(appendOf("r", 2, [nodeStarted("a")]));
      assert.deepEqual(changes(), [false, true]);
      const request = { runId: "r", kind: "cancel", by: "somebody", at: "2025-01-01T00:00:02.000Z" } as const;
      await journal.addRequest({ ...request, key: "k" });
      assert.deepEqual(changes(), [true, true]);
      await other.addRequest({ ...request, key: "l" });
      assert.deepEqual(changes(), [true, true]);
      assert.deepEqual(changes(), [false, false]);
    });

    const itIfStored = options.stored ? it : () => {};
    itIfStored("refuses a run whose stored history has changed, and reads the others (J8)", async () => {
      assert.ok(harness.damage !== undefined);
      await journal.create(newRun("r"));
      await journal.append(appendOf("r", 2, [nodeStarted("a"), nodeStarted("b")]));
      await journal.create(newRun("s"));
      await harness.damage("r", 2);
      const other = await harness.open();
      for (const reader of [journal, other]) {
        const error = await refused("JOURNAL_DAMAGED", reader.readEvents("r"));
        assert.deepEqual(error.details, { run_id: "r", seq: 2 });
        assert.deepEqual(await seqs("s", reader), [1]);
      }
    });

    describe("close (J9)", () => {
      it("lets pending appends finish, ends the owner, and refuses what comes later (J9)", async () => {
        const other = await harness.open();
        await journal.create(newRun("r"));
        const pending = [2, 3, 4].map((seq) => journal.append(appendOf("r", seq, [nodeStarted(`n${seq}`)])));
        const closing = journal.close();
        await refused("JOURNAL_FAILED", journal.append(appendOf("r", 5, [SUCCEEDED])));
        await Promise.all([...pending, closing]);
        assert.deepEqual(await seqs("r", other), [1, 2, 3, 4]);
        assert.equal((await readRun("r", other)).owner.alive, false);
        await other.takeOver(takeOverOf("r", 5, 2));
        await refused("JOURNAL_FAILED", journal.readRun("r"));
        await refused("JOURNAL_FAILED", journal.create(newRun("s")));
        await journal.close();
      });

      it("leaves the owner's name with the run", async () => {
        await journal.create(newRun("r"));
        const { id, pid, host, startedAt } = processOf((await readRun("r")).owner);
        await journal.close();
        const other = await harness.open();
        assert.deepEqual((await readRun("r", other)).owner, { id, pid, host, startedAt, alive: false });
      });
    });
  });
}

async function refused(code: ErrorCode, promise: Promise<unknown>): Promise<BusbarError> {
  const [result] = await Promise.allSettled([promise]);
  assert.equal(codeOf(result), code);
  assert.ok(result.status === "rejected" && result.reason instanceof BusbarError);
  return result.reason;
}

function codeOf(result: PromiseSettledResult<unknown> | undefined): string {
  if (result?.status !== "rejected") return "ok";
  if (result.reason instanceof BusbarError) return result.reason.code;
  throw result.reason;
}
