import { api } from "./api.ts";

/** Versions never change: what was read once is read no more. */
const texts = new Map<string, string | undefined>();

/** The text of a version, as it may be seen; undefined where it may not. @throws ApiError WORKFLOW_UNKNOWN */
export async function versionText(name: string, hash: string, signal: AbortSignal): Promise<string | undefined> {
  const key = `${name} ${hash}`;
  if (!texts.has(key)) {
    const path = { name, definition_hash: hash };
    const { definition_text: text } = await api.call("get", "/api/v1/workflows/{name}/versions/{definition_hash}", {
      path,
      signal,
    });
    texts.set(key, text);
  }
  return texts.get(key);
}
