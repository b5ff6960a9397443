import type { ArtifactFacts } from "./artifact-source.ts";

/** Ways to look at a file; the first one is shown at first. */
export type FileView = "table" | "chart" | "report" | "report chart" | "tree" | "text" | "bytes";

/** @param file whose type the server knows by its name alone */
export function viewsOf({ mediaType }: Pick<ArtifactFacts, "mediaType">): readonly FileView[] {
  switch (mediaType) {
    case "text/csv":
      return ["table", "chart", "text"];
    case "application/protobuf":
      return ["report", "report chart"];
    case "application/json":
      return ["tree", "text"];
    case "application/jsonl":
    case "text/plain":
      return ["text"];
    default:
      return ["bytes"];
  }
}
