import type { Finding } from "../../engine/finding.ts";
import { asSentence } from "../../kernel/sentences.ts";
import { cleanText } from "../../kernel/text.ts";
import type { ContainerRequest } from "../../workflow/kinds/docker/request.ts";
import { type Answer, type EngineTools, hasSucceeded } from "./engine.ts";
import { findingOf, type Need, type SharedNeed, shareNeeds } from "./needs.ts";
import { clientWords, engineName } from "./words.ts";

/** Asks about so many images at a time; each question is a process. */
const AT_ONCE = 4;

/**
 * Whether each image is there, or could be pulled. Registries are asked last: a slow one takes no time from the engine.
 * @param ask one question to the engine, within what is left of the time
 * @throws the question's reason to stop
 */
export async function checkImages(
  { secrets }: Pick<EngineTools, "secrets">,
  needs: readonly Need[],
  ask: (args: readonly string[]) => Promise<Answer>,
): Promise<readonly Finding[]> {
  const images = [...shareNeeds(needs, ({ request }) => [JSON.stringify([request.image, pullOf(request)])]).values()];
  const local = await inLanes(images, ({ first }) =>
    ask(["image", "inspect", "--format={{.Id}}", "--", first.request.image]),
  );
  const findings = await inLanes(images, async (image, index) => {
    const inspected = local[index];
    return inspected === undefined ? undefined : checkImage(image, inspected);
  });

  async function checkImage(shared: SharedNeed, inspected: Answer): Promise<Finding | undefined> {
    const { request } = shared.first;
    const pull = pullOf(request);
    const what = `image ${cleanText(request.image, 512)} (for ${shared.who})`;
    const engine = engineName(request);
    const isLocal = hasSucceeded(inspected);
    const warn = (text: string): Finding => findingOf(shared, "warning", "IMAGE_NOT_LOCAL", `${what} ${text}`, secrets);
    const refuse = (text: string): Finding => findingOf(shared, "error", "IMAGE_NOT_FOUND", `${what} ${text}`, secrets);
    if (inspected.silent) return warn(`may not be on this machine: ${engine} did not come to say it in time`);
    if (isLocal && pull !== "always") return undefined;
    if (pull === "never") {
      return refuse("is not on this machine, and its node says --pull=never. Build it or load it");
    }
    const asked = await ask(["manifest", "inspect", ...plaintextOption(request), "--", request.image]);
    if (hasSucceeded(asked)) {
      if (isLocal) return undefined;
      return warn(
        `is not on this machine; ${engine} pulls it when the node starts, within the node's timeout. Pull it beforehand with ${engine} pull`,
      );
    }
    const place = isLocal ? "is to be pulled each time (--pull=always)" : "is not on this machine";
    if (asked.silent)
      return warn(`${place}; whether it can be pulled is not known: its registry did not answer in time`);
    const reason = clientWords(asked.stderr, secrets);
    // Clients before 20.10 ask registries only where experiments are allowed.
    if (/experimental/i.test(asked.stderr)) return warn(`${place}; whether it can be pulled is not known: ${reason}`);
    const not = isLocal ? ", and cannot be" : " and cannot be pulled";
    return refuse(`${place}${not}: ${asSentence(reason)} Build it or load it, or correct its name`);
  }

  return findings.filter((finding) => finding !== undefined);
}

/** Does something for each item, for so many at a time. */
async function inLanes<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
): Promise<readonly (R | undefined)[]> {
  const results: (R | undefined)[] = [];
  const next = items.entries();
  const runLane = async (): Promise<void> => {
    for (const [index, item] of next) results[index] = await work(item, index);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, runLane));
  return results;
}

/** Docker's engine speaks to registries on this machine without TLS; its client does so only with this option. */
function plaintextOption(request: ContainerRequest): readonly string[] {
  const onLoopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?\//.test(request.image);
  return onLoopback && engineName(request) !== "podman" ? ["--insecure"] : [];
}

function pullOf({ options }: ContainerRequest): string {
  return options.findLast((option) => option.startsWith("--pull="))?.slice("--pull=".length) ?? "missing";
}
