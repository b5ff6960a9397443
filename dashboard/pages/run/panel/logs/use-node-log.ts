import { useCallback, useEffect, useRef, useState } from "react";
import { api } from "../../../../api/api.ts";
import { createLogBuffer } from "./log-buffer.ts";
import { createLogReader, type LogReading } from "./log-reader.ts";

/** Which log is read. */
export interface WantedLog {
  readonly runId: string;
  readonly nodeId: string;
  /** All of them if left out. */
  readonly attempt?: number | undefined;
  /** There is none yet: nothing is asked. */
  readonly isNone: boolean;
  /** Only the last so many lines of what is there. */
  readonly tail?: number | undefined;
  /** Goes on as the run does. */
  readonly follow: boolean;
}

/** A tab that nobody looks at lets its stream go after so long: a browser has six of them for a server. */
const HIDDEN_MS = 5_000;

const NOTHING: LogReading = { buffer: createLogBuffer(), state: "loading" };
const NONE: LogReading = { ...NOTHING, state: "ended" };

/** The log of a node, as far as it has come. @returns another object whenever there is more */
export function useNodeLog(wanted: WantedLog): LogReading & { readonly retry: () => void } {
  const { runId, nodeId, attempt, isNone, tail, follow } = wanted;
  const [times, setTimes] = useState(0);
  const key = JSON.stringify([runId, nodeId, attempt, isNone, tail, times]);
  const [shown, setShown] = useState<{ readonly key: string; readonly reading: LogReading }>();
  // What is followed ends with the run by itself, and is not read once more for that.
  const followed = useRef<string>(undefined);
  if (follow) followed.current = key;
  const isFollowed = followed.current === key;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` has all that tells which log it is
  useEffect(() => {
    if (isNone) return;
    const query = {
      node_id: nodeId,
      follow: isFollowed ? ("true" as const) : ("false" as const),
      ...(attempt === undefined ? {} : { attempt: String(attempt) }),
      ...(tail === undefined ? {} : { tail }),
    };
    const reader = createLogReader(
      (signal) => api.stream("/api/v1/runs/{run_id}/logs", { path: { run_id: runId }, query, signal }),
      () => setShown({ key, reading: { ...reader.reading() } }),
    );
    const stopWatching = whileVisible(reader.resume, reader.pause);
    return () => {
      stopWatching();
      reader.stop();
    };
  }, [key, isFollowed]);
  const retry = useCallback(() => setTimes((before) => before + 1), []);
  return { ...(isNone ? NONE : shown?.key === key ? shown.reading : NOTHING), retry };
}

/** Calls `onVisible` now and whenever the tab is looked at again, and `onHidden` when it was left for a while. */
function whileVisible(onVisible: () => void, onHidden: () => void): () => void {
  let leaving: ReturnType<typeof setTimeout> | undefined;
  const look = (): void => {
    clearTimeout(leaving);
    if (document.visibilityState === "visible") onVisible();
    else leaving = setTimeout(onHidden, HIDDEN_MS);
  };
  document.addEventListener("visibilitychange", look);
  look();
  return () => {
    clearTimeout(leaving);
    document.removeEventListener("visibilitychange", look);
  };
}
