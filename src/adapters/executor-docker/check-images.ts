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
 * Whether each image is there, or could be pulled.
 * @param ask one question to the engine, within what is left of the time
 * @throws the question's reason to stop
 */
export async function checkImages(
  { secrets }: Pick<EngineTools, "secrets">,
  needs: readonly Need[],
  ask: (args: readonly string[]) => Promise<Answer>,
): Promise<readonly Finding[]> {
  const images = [...shareNeeds(needs, ({ request }) => [JSON.stringify([request.image, pullOf(request)])]).values()];
  const findings: (Finding | undefined)[] = [];
  const checkFrom = async (start: number): Promise<void> => {
    for (let index = start; index < images.length; index += AT_ONCE) {
      const image = images[index];
      if (image !== undefined) findings[index] = await checkImage(image);
    }
  };

  async function checkImage(shared: SharedNeed): Promise<Finding | undefined> {
    const { request } = shared.first;
    const pull = pullOf(request);
    const what = `image ${cleanText(request.image, 512)} (for ${shared.who})`;
    const engine = engineName(request);
    const isLocal = hasSucceeded(await ask(["image", "inspect", "--format={{.Id}}", "--", request.image]));
    if (isLocal && pull !== "always") return undefined;
    if (pull === "never") {
      const text = `${what} is not on this machine, and its node says --pull=never. Build it or load it`;
      return findingOf(shared, "error", "IMAGE_NOT_FOUND", text, secrets);
    }
    const asked = await ask(["manifest", "inspect", ...plaintextOption(request), "--", request.image]);
    if (hasSucceeded(asked)) {
      if (isLocal) return undefined;
      const text = `${what} is not on this machine; ${engine} pulls it when the node starts, within the node's timeout. Pull it beforehand with ${engine} pull`;
      return findingOf(shared, "warning", "IMAGE_NOT_LOCAL", text, secrets);
    }
    const reason = asked.silent ? "its registry did not answer in time" : clientWords(asked.stderr, secrets);
    // Clients before 20.10 ask registries only where experiments are allowed.
    if (/experimental/i.test(asked.stderr)) {
      const text = `${what} is not on this machine; whether it can be pulled is not known: ${reason}`;
      return findingOf(shared, "warning", "IMAGE_NOT_LOCAL", text, secrets);
    }
    const place = isLocal
      ? "is to be pulled each time (--pull=always), and cannot be"
      : "is not on this machine and cannot be pulled";
    const text = `${what} ${place}: ${asSentence(reason)} Build it or load it, or correct its name`;
    return findingOf(shared, "error", "IMAGE_NOT_FOUND", text, secrets);
  }

  await Promise.all(Array.from({ length: AT_ONCE }, (_, start) => checkFrom(start)));
  return findings.filter((finding) => finding !== undefined);
}

/** Docker's engine speaks to registries on this machine without TLS; its client does so only with this option. */
function plaintextOption(request: ContainerRequest): readonly string[] {
  const onLoopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?\//.test(request.image);
  return onLoopback && engineName(request) !== "podman" ? ["--insecure"] : [];
}

function pullOf({ options }: ContainerRequest): string {
  return options.findLast((option) => option.startsWith("--pull="))?.slice("--pull=".length) ?? "missing";
}
