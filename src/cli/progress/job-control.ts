/** What the display does around a stop of the process. */
export interface JobControl {
  /** The process is about to stop (Ctrl-Z) or to end (Ctrl-\): the terminal is somebody else's. */
  leave(): void;
  /** The process goes on; others may have written to the terminal meanwhile. */
  comeBack(): void;
}

/**
 * Puts the terminal in order where its keys stop or end the process. The signals then do what they always do: the shell
 * sees a stopped job, or one that was ended by SIGQUIT.
 *
 * @returns stops listening
 */
export function listenForJobControl({ leave, comeBack }: JobControl): () => void {
  // Windows has neither.
  if (process.platform === "win32") return () => undefined;
  let cameBack = false;

  function onStop(): void {
    leave();
    raise("SIGTSTP", onStop);
    // Here it goes on, or was not stopped at all: a process without a shell above it, such as the first of a container.
    cameBack = true;
    process.on("SIGTSTP", onStop);
    comeBack();
  }
  function onContinue(): void {
    // Also after SIGSTOP, which nobody is told of.
    if (!cameBack) comeBack();
    cameBack = false;
  }
  function onQuit(): void {
    leave();
    raise("SIGQUIT", onQuit);
  }
  process.on("SIGTSTP", onStop).on("SIGCONT", onContinue).on("SIGQUIT", onQuit);
  return () => {
    process.off("SIGTSTP", onStop).off("SIGCONT", onContinue).off("SIGQUIT", onQuit);
  };
}

/** Without a listener the signal does what the system does by default. */
function raise(signal: NodeJS.Signals, listener: () => void): void {
  process.off(signal, listener);
  process.kill(process.pid, signal);
}
