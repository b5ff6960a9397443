import type { ReactNode } from "react";
import { useLoad } from "../../../api/use-load.ts";
import { JsonTree } from "../../json/json-tree.tsx";
import { ProblemNote } from "../../problem.tsx";
import { Skeleton } from "../../skeleton.tsx";
import { type ArtifactFacts, readBytes } from "../artifact-source.ts";
import { BytesView } from "../bytes/bytes-view.tsx";
import { formatBytes } from "../format-bytes.ts";
import { readWireTree } from "./wire-tree.ts";

/** Larger ones would be trees that nobody reads. */
const MAX_BYTES = 4 * 1024 * 1024;

/** A message of protocol buffers whose type nobody knows. */
export function WireView({ file, isLarge }: { readonly file: ArtifactFacts; readonly isLarge: boolean }): ReactNode {
  const isTooLarge = file.size > MAX_BYTES;
  const { value, thrown, reload } = useLoad(file.etag, async (signal) => {
    const bytes = isTooLarge ? undefined : await readBytes(file, 0, file.size, signal);
    return { tree: bytes === undefined ? undefined : readWireTree(bytes) };
  });
  if (thrown !== undefined) return <ProblemNote thrown={thrown} retry={reload} />;
  if (value === undefined) return <Skeleton height={220} />;
  const { tree } = value;
  if (tree !== undefined) {
    return (
      <>
        <p className="quiet">A message of a type that is not known here: its fields by their numbers.</p>
        <JsonTree label={`${file.name} as a tree`} value={tree} />
      </>
    );
  }
  return (
    <>
      <p className="quiet">
        {isTooLarge
          ? `Messages of more than ${formatBytes(MAX_BYTES)} are not decoded.`
          : "This is no message of protocol buffers."}
      </p>
      <BytesView file={file} isLarge={isLarge} />
    </>
  );
}
