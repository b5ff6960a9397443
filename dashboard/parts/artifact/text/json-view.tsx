import type { ReactNode } from "react";
import type { Json } from "../../../../src/kernel/json.ts";
import { useLoad } from "../../../api/use-load.ts";
import { JsonTree } from "../../json/json-tree.tsx";
import { ProblemNote } from "../../problem.tsx";
import { Skeleton } from "../../skeleton.tsx";
import { type ArtifactFacts, readBytes } from "../artifact-source.ts";
import { formatBytes } from "../format-bytes.ts";
import { TextView } from "./text-view.tsx";

/** Larger ones are shown as text. */
const MAX_BYTES = 8 * 1024 * 1024;

/** A JSON file as a tree; as text where it is none, or too large. */
export function JsonView({ file, isLarge }: { readonly file: ArtifactFacts; readonly isLarge: boolean }): ReactNode {
  const { value, thrown, reload } = useLoad(file.etag, (signal) => readJson(file, signal));
  if (thrown !== undefined) return <ProblemNote thrown={thrown} retry={reload} />;
  if (value === undefined) return <Skeleton height={220} />;
  if ("why" in value) {
    return (
      <>
        <p className="quiet">{value.why}</p>
        <TextView file={file} isLarge={isLarge} />
      </>
    );
  }
  return <JsonTree label={`${file.name} as a tree`} value={value.json} />;
}

async function readJson(file: ArtifactFacts, signal: AbortSignal): Promise<{ json: Json } | { why: string }> {
  if (file.size > MAX_BYTES) return { why: `A tree is shown of files up to ${formatBytes(MAX_BYTES)}.` };
  const text = new TextDecoder().decode(await readBytes(file, 0, file.size, signal));
  try {
    return { json: JSON.parse(text) };
  } catch (thrown) {
    return { why: `This is no JSON: ${(thrown as Error).message}.` };
  }
}
