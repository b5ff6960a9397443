// The file that a node has made, as the API gives it: what it is, and pieces of it.
import { type ApiError, problemOf } from "../../api/client.ts";

/** What is known of a file before any of it is read. */
export interface ArtifactFacts {
  readonly url: string;
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  readonly mediaType: string;
  /** Of its content: another content has another one. */
  readonly etag: string;
  /** As HTTP writes it. */
  readonly modifiedAt: string;
  /** It was written to after the node had made it: by another run, maybe. */
  readonly isChanged: boolean;
}

export function artifactUrl(runId: string, nodeId: string): string {
  return `/api/v1/runs/${encodeURIComponent(runId)}/nodes/${encodeURIComponent(nodeId)}/artifact`;
}

/** @throws ApiError ARTIFACT_NOT_FOUND, ARTIFACT_REFUSED */
export async function lookAtArtifact(runId: string, nodeId: string, signal?: AbortSignal): Promise<ArtifactFacts> {
  const url = artifactUrl(runId, nodeId);
  const response = await fetch(url, { method: "HEAD", ...(signal === undefined ? {} : { signal }) });
  // An answer to HEAD has no room for the problem.
  if (!response.ok) await requestArtifact(url, { headers: { range: "bytes=0-0" } }, signal);
  const { headers } = response;
  return {
    url,
    name: nameOf(headers.get("content-disposition") ?? ""),
    size: Number(headers.get("content-length") ?? 0),
    mediaType: (headers.get("content-type") ?? "").split(";")[0]?.trim() ?? "",
    etag: headers.get("etag") ?? "",
    modifiedAt: headers.get("last-modified") ?? "",
    isChanged: headers.get("busbar-changed") === "true",
  };
}

/** Some bytes: from `start`, up to but without `end`. @throws ApiError */
export async function readBytes(
  { url }: ArtifactFacts,
  start: number,
  end: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  if (end <= start) return new Uint8Array();
  const response = await requestArtifact(url, { headers: { range: `bytes=${start}-${end - 1}` } }, signal);
  return new Uint8Array(await response.arrayBuffer());
}

/** Asks for some of a file. @throws ApiError with the problem that the server told */
export async function requestArtifact(url: string, init: RequestInit, signal?: AbortSignal): Promise<Response> {
  const response = await fetch(url, { ...init, ...(signal === undefined ? {} : { signal }) });
  if (response.ok) return response;
  const problem = problemOf(response, await response.text());
  throw Object.assign(new Error(problem.detail), { name: problem.code, problem }) satisfies ApiError;
}

/** RFC 8187: `attachment; filename*=UTF-8''NAME`. */
function nameOf(disposition: string): string {
  const [, encoded = ""] = /filename\*=UTF-8''([^;]*)/i.exec(disposition) ?? [];
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
