// Listens for the signals that ask the program to end. main.ts imports this before anything else: the first process of
// a container has no default actions, so that a signal it does not listen for yet is lost.
const controller = new AbortController();

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

function stop(signal: NodeJS.Signals): void {
  controller.abort(signal);
  // The next one, whichever it is, does what it does by default, or what a service makes of it.
  for (const one of SIGNALS) process.off(one, stop);
}
for (const signal of SIGNALS) process.on(signal, stop);

/** Aborts on the first signal; its reason is the name of the signal. */
export const stopped: AbortSignal = controller.signal;
