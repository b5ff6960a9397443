// podman under the name of docker (podman-docker) begins what it says on stderr with a line about itself, each time.

const NOTICE = Buffer.from("Emulate Docker CLI using podman.");
const NEWLINE = 0x0a;
const NOTHING = Buffer.alloc(0);

/** Takes that line away. */
export interface NoticeFilter {
  push(chunk: Buffer): Buffer;
  /** What was kept back, where nothing more comes. */
  end(): Buffer;
}

export function createNoticeFilter(): NoticeFilter {
  let begun = NOTHING;
  let isOver = false;
  return {
    push(chunk) {
      if (isOver) return chunk;
      begun = Buffer.concat([begun, chunk]);
      const isNotice = begun.subarray(0, NOTICE.length).equals(NOTICE.subarray(0, begun.length));
      const lineEnd = begun.indexOf(NEWLINE);
      if (isNotice && lineEnd < 0) return NOTHING;
      isOver = true;
      return isNotice ? begun.subarray(lineEnd + 1) : begun;
    },
    end() {
      const rest = isOver ? NOTHING : begun;
      isOver = true;
      return rest;
    },
  };
}
