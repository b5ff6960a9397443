/** A fault planted in the source: the simulator must find it. */
export interface Mutant {
  /** The rule it breaks, and how. */
  readonly name: string;
  readonly file: string;
  /** Stands in the file once. */
  readonly find: string;
  readonly replace: string;
}

/** At least one for each rule (semantics.md, "Invariants"). */
export const MUTANTS: readonly Mutant[] = [
  {
    name: "E1: a node starts when one of its upstream nodes has succeeded",
    file: "src/engine/transitions.ts",
    find: 'if (dependent.unsettledUpstream === 0 && dependent.status === "pending") state.ready.push(position);',
    replace: 'if (dependent.status === "pending") state.ready.push(position);',
  },
  {
    name: "rerun: what depends on a node that runs again is kept",
    file: "src/engine/rerun.ts",
    find: "    open.push(...(graph.downstream[next] ?? []));\n",
    replace: "",
  },
  {
    name: "pause: a node of a paused run starts",
    file: "src/engine/plan.ts",
    find: "state.paused === undefined && ",
    replace: "",
  },
  {
    name: "pause: a resume leaves the run paused",
    file: "src/engine/begin.ts",
    find: "if (state.paused !== undefined) record",
    replace: "if (state.paused === undefined) record",
  },
  {
    name: "recovery: a run is taken over for ever",
    file: "src/engine/recovery.ts",
    find: "recoveries.inVain >= MAX_RECOVERIES",
    replace: "recoveries.inVain >= MAX_RECOVERIES + 1",
  },
  {
    name: "recovery: a pause is forgotten",
    file: "src/engine/transitions.ts",
    find: "  if (event.recovery === true) return;\n",
    replace: "  if (event.recovery === true) state.paused = undefined;\n  if (event.recovery === true) return;\n",
  },
  {
    name: "recovery: a cancel is forgotten",
    file: "src/engine/transitions.ts",
    find: "  if (event.recovery === true) return;\n",
    replace:
      "  if (event.recovery === true) state.cancelRequested = undefined;\n  if (event.recovery === true) return;\n",
  },
  {
    name: "pause: whoever pauses a run that nobody drives drives it on",
    file: "src/engine/begin.ts",
    find: 'return letGo(machine, turn, "asked");',
    replace: "{}",
  },
  {
    name: "drain: an owner that is about to go starts another node",
    file: "src/engine/step.ts",
    find: 'if (phase.name === "driving") startReady(machine, turn);',
    replace: 'if (phase.name === "driving" || phase.name === "draining") startReady(machine, turn);',
  },
  {
    name: "queue: one run more goes on than may",
    file: "src/runtimes/shared/run-queue.ts",
    find: "!closed && on < maxRuns;",
    replace: "!closed && on <= maxRuns;",
  },
  {
    name: "queue: one run more of a workflow goes on than its file says",
    file: "src/runtimes/shared/run-queue.ts",
    find: "(onInGroup.get(group) ?? 0) >= limit",
    replace: "(onInGroup.get(group) ?? 0) > limit",
  },
  {
    name: "queue: a run that has ended keeps its place",
    file: "src/runtimes/local/driver.ts",
    find: "  place?.leave();\n",
    replace: "",
  },
  {
    name: "queue: a run goes on before it is admitted",
    file: "src/engine/phases.ts",
    find: 'if (admission !== "open" && admission !== "admitted") {',
    replace: 'if (admission === "wanted") {',
  },
  {
    name: "queue: a run that was paused in the queue never asks again",
    file: "src/engine/queue.ts",
    find: 'machine.admission = mayGoOn ? "wanted" : "open";',
    replace: 'machine.admission = mayGoOn ? "asked" : "open";',
  },
  {
    name: "queue: a run is made that its file refuses",
    file: "src/runtimes/local/runtime.ts",
    find: "      queue?.refuseFull(queued);\n",
    replace: "",
  },
  {
    name: "E2: a node whose attempt is outstanding is offered again after a takeover",
    file: "src/engine/plan.ts",
    find: 'if (node?.status === "pending" || (node?.status === "waiting" && node.due)) return node;',
    replace:
      'if (node?.status === "pending" || node?.status === "running" || (node?.status === "waiting" && node.due)) return node;',
  },
  {
    name: "E3: a resume also resets the nodes that have succeeded",
    file: "src/engine/resume.ts",
    find: '(isSettledNode(status) ? status !== "succeeded" : begunAnew.has(id))',
    replace: "(isSettledNode(status) ? true : begunAnew.has(id))",
  },
  {
    name: "E4: a lost attempt of a node with on_lost: fail is made again",
    file: "src/engine/settle.ts",
    find: '    outcome.outcome !== "lost" ||\n    node.definition.onLost === "fail" ||\n',
    replace: '    outcome.outcome !== "lost" ||\n',
  },
  {
    name: "E4: nobody asks the executor before an attempt is recorded as lost",
    file: "src/engine/inherit.ts",
    find: "if (abilities[node.definition.executor]?.recover === true) keep",
    replace: "if (abilities[node.definition.executor]?.recover === false) keep",
  },
  {
    name: "E5: a run that has succeeded can be resumed",
    file: "src/engine/resume.ts",
    find: 'if (state.status === "succeeded") {',
    replace: 'if (state.status === "succeeded" && changed !== undefined) {',
  },
  {
    name: "E6: an owner that lives is taken for dead",
    file: "src/adapters/journal-memory/journal.ts",
    find: "store.owners.set(ownerId, { ...self, alive: true });",
    replace: "store.owners.set(ownerId, { ...self, alive: false });",
  },
  {
    name: "E6: an append of an epoch that is over gets through",
    file: "src/ports/journal-rules.ts",
    find: '  if (head.epoch !== append.epoch) refuseFenced(head, `it is at epoch ${head.epoch}, this is epoch ${append.epoch}`);\n  if (head.ownerId !== ownerId) refuseFenced(head, "it belongs to another owner");\n  checkSeq(head, append);',
    replace: '  if (ownerId === "") checkSeq(head, append);',
  },
  {
    name: "E7: an event of a later version stops the run from being read",
    file: "src/engine/transitions.ts",
    find: "      if (isNodeEvent(event)) applyToNode",
    replace:
      '      if (!isNodeEvent(event)) throw new Error("an unknown event");\n      if (isNodeEvent(event)) applyToNode',
  },
  {
    name: "E8: what waits for an append is done before it",
    file: "src/runtimes/local/driver.ts",
    find: "    if (events.length > 0 || decided.answers.length > 0) await commit(run, decided);\n",
    replace:
      '    if (run.status.name === "driving") for (const command of decided.commands) perform(run, command);\n    if (run.status.name === "driving") decided = { ...decided, commands: [] };\n    if (events.length > 0 || decided.answers.length > 0) await commit(run, decided);\n',
  },
  {
    name: "E8: a cancel is answered before its event is durable",
    file: "src/runtimes/shared/send-request.ts",
    find: '      if (driver !== undefined) driver.put({ type: "asked", request: added });\n',
    replace:
      '      if (driver !== undefined) {\n        driver.put({ type: "asked", request: added });\n        return { kind: "applied", seq: 1 };\n      }\n',
  },
  {
    name: "Why not: a node that waits for a retry is not explained",
    file: "src/engine/explain-nodes.ts",
    find: "isSettledNode(node.status) ? []",
    replace: 'isSettledNode(node.status) || node.status === "waiting" ? []',
  },
  {
    name: "Why not: a node is said to wait for a retry whose wait is over",
    file: "src/engine/explain-nodes.ts",
    find: "atMs < parseTimestamp(wait.retry_at)",
    replace: "atMs < parseTimestamp(wait.retry_at) + 500",
  },
  {
    name: "Why not: max_parallel is said to be reached when one more could start",
    file: "src/engine/reached-limits.ts",
    find: "counts.running >= workflow.maxParallel",
    replace: "counts.running >= workflow.maxParallel - 1",
  },
  {
    name: "Why not: an attempt of an earlier owner is said to hold a slot",
    file: "src/engine/reached-limits.ts",
    find: "isHeld && outstandingAttempt(node)?.epoch === epoch",
    replace: "isHeld && outstandingAttempt(node) !== undefined",
  },
  {
    name: "Why not: a run is said to be prepared that has called something",
    file: "src/engine/explain.ts",
    find: "return !hasCalled && ",
    replace: "return ",
  },
  {
    name: "Why not: a node is said to wait for one that has succeeded",
    file: "src/engine/explain-nodes.ts",
    find: 'node === undefined || node.status === "succeeded" ? [] : [node.id]',
    replace: "node === undefined ? [] : [node.id]",
  },
  {
    name: "Why not: the last failure is told as the first",
    file: "src/engine/transitions.ts",
    find: "state.firstFailure ??= {",
    replace: "state.firstFailure = {",
  },
  {
    name: "Why not: a node that failed is said to be stopped by the run's total timeout",
    file: "src/engine/first-cause.ts",
    find: "if (failed?.attempts.at(-1)?.retryAt === undefined) return false;",
    replace: "if (failed === undefined) return false;",
  },
  {
    name: "prune: a run that has not ended is deleted",
    file: "src/ports/journal-rules.ts",
    find: "  if (!isTerminalRun(run.status)) return false;\n",
    replace: "",
  },
  {
    name: "prune: a run is deleted of which its owner may still be telling",
    file: "src/ports/journal-rules.ts",
    find: "return !(isFresh && isOwnerAlive());",
    replace: "return true;",
  },
  {
    name: "prune: the id of a pruned run is used again",
    file: "src/adapters/journal-memory/journal.ts",
    find: "if (tombstone !== undefined) refusePruned(run.runId, tombstone.prunedAt);",
    replace: "if (tombstone !== undefined) store.tombstones.delete(run.runId);",
  },
  {
    name: "prune: a workflow is deleted that another run has had",
    file: "src/adapters/journal-memory/journal.ts",
    find: "return [definitionHash, ...earlierHashes];",
    replace: "return [definitionHash];",
  },
  {
    name: "prune: requests of other runs are deleted",
    file: "src/adapters/journal-memory/journal.ts",
    find: "for (const { id } of requestsOf(store, runId)) store.requests.delete(id);",
    replace: "store.requests.clear();",
  },
  {
    name: "prune: logs go before their run",
    file: "src/runtimes/shared/prune.ts",
    find: "      if (!dryRun && !(await pruneOne(tools, runId))) continue;\n",
    replace:
      "      if (!dryRun) await logs.remove(runId);\n      if (!dryRun && !(await pruneOne(tools, runId))) continue;\n",
  },
  {
    name: "prune: what one that was killed left of logs stays",
    file: "src/runtimes/shared/prune.ts",
    find: "  if (!dryRun) await sweepLogs(tools);\n",
    replace: "",
  },
  {
    name: "feed: a position is given again after its run was pruned",
    file: "src/adapters/journal-memory/journal.ts",
    find: "      store.runs.delete(runId);\n",
    replace: "      store.runs.delete(runId);\n      while (store.feed.at(-1)?.[0] === runId) store.feed.pop();\n",
  },
  {
    name: "feed: events that were pruned are passed over in silence",
    file: "src/ports/feed.ts",
    find: "if (place.pruned === pruned || pos === place.pos) return;",
    replace: "if (pos !== place.pos) return;",
  },
];
