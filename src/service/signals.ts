// Signals of this process, heard once for all services in it: Node warns of more than ten listeners.

import { constants } from "node:os";

type Listener = (signal: NodeJS.Signals) => void;

/** Services by the signals that they wait for. Whoever comes first listens to the process, whoever goes last stops. */
const waiting = new Map<NodeJS.Signals, Set<Listener>>();

/** No process hears these. */
const UNHEARD: readonly string[] = ["SIGKILL", "SIGSTOP"];
/** How long a process may take to end by itself. */
const LAST_GRACE_MS = 500;

/** Whether it is the name of a signal that a program can listen for. */
export function isHeard(name: unknown): boolean {
  return typeof name === "string" && Object.hasOwn(constants.signals, name) && !UNHEARD.includes(name);
}

/**
 * Calls back on signals, any number of times.
 * @returns stops listening
 */
export function onSignals(signals: readonly NodeJS.Signals[], listener: Listener): () => void {
  for (const signal of signals) {
    const known = waiting.get(signal);
    if (known === undefined) {
      process.on(signal, tellAll);
      waiting.set(signal, new Set([listener]));
    } else known.add(listener);
  }
  return () => {
    for (const signal of signals) {
      const known = waiting.get(signal);
      if (known?.delete(listener) !== true || known.size > 0) continue;
      waiting.delete(signal);
      process.off(signal, tellAll);
    }
  };
}

function tellAll(signal: NodeJS.Signals): void {
  for (const listener of waiting.get(signal) ?? []) listener(signal);
}

/**
 * Does what the signal would have done had nobody listened: ends the process, if it does not end by itself and no
 * service and nobody else in it listens for the signal.
 */
export function endBySignal(signal: NodeJS.Signals): void {
  const end = (): void => {
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  setTimeout(end, LAST_GRACE_MS).unref();
}
