import type { Clock } from "../kernel/clock.ts";
import type { Journal } from "../ports/journal.ts";

/** The journal, telling how long it takes to make something durable: from the call to its end, as a run waits for it. */
export function timeCommits<J extends Journal>(
  journal: J,
  { monotonic }: Pick<Clock, "monotonic">,
  onCommit: (ms: number) => void,
): J {
  const timed =
    <Input, Result>(write: (input: Input) => Promise<Result>) =>
    async (input: Input): Promise<Result> => {
      const begun = monotonic();
      const result = await write(input);
      onCommit(monotonic() - begun);
      return result;
    };
  return {
    ...journal,
    create: timed(journal.create),
    append: timed(journal.append),
    takeOver: timed(journal.takeOver),
  };
}
