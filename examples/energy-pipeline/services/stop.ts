// Listens for the signals that ask the program to end. main.ts imports this before anything else: the first process of
// a container has no default actions, so that a signal it does not listen for yet is lost.
const controller = new AbortController();

for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => controller.abort(signal));

/** Aborts on the first signal; its reason is the name of the signal. */
export const stopped: AbortSignal = controller.signal;
