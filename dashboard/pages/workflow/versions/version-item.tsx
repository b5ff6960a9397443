import { type ReactNode, useRef, useState } from "react";
import type { WorkflowView } from "../../../api/shapes.ts";
import { useLoad } from "../../../api/use-load.ts";
import { versionText } from "../../../api/version-text.ts";
import { countChanges, diffLines } from "../../../model/line-diff.ts";
import { LineDiff } from "../../../parts/line-diff/line-diff.tsx";
import { Link } from "../../../parts/link.tsx";
import { ProblemNote } from "../../../parts/problem.tsx";
import { Time } from "../../../parts/time.tsx";
import { useSeen } from "../../../parts/use-seen.ts";
import { workflowPath } from "../../../router.ts";
import { shortHash } from "../short-hash.ts";

interface VersionItemProps {
  readonly workflow: string;
  readonly version: WorkflowView["history"][number];
  /** The version that it came after. */
  readonly before: string | undefined;
  /** It is the file as it stands. */
  readonly isFile: boolean;
  /** It is the one that the page shows. */
  readonly isShown: boolean;
}

/** A version: when, by whom, and the lines that it changed. */
export function VersionItem({ workflow, version, before, isFile, isShown }: VersionItemProps): ReactNode {
  const item = useRef<HTMLLIElement>(null);
  const isSeen = useSeen(item);
  const [isOpen, setOpen] = useState(false);
  const { definition_hash: hash, at, by } = version;
  const isAsked = isSeen && before !== undefined;
  const { value, thrown, reload } = useLoad(`${workflow} ${hash} ${isAsked}`, async (signal) =>
    isAsked ? Promise.all([versionText(workflow, before, signal), versionText(workflow, hash, signal)]) : undefined,
  );
  return (
    <li ref={item} className={isShown ? "version version-shown" : "version"}>
      <div className="version-head">
        <Link
          className="mono"
          to={isFile ? workflowPath(workflow) : `${workflowPath(workflow)}?version=${hash}`}
          aria-current={isShown ? "true" : undefined}
        >
          {shortHash(hash)}
        </Link>
        <Time iso={at} />
        <span className="quiet">{by === undefined ? "the file was changed" : `uploaded by ${by}`}</span>
        {isShown ? <span className="version-here">shown here</span> : null}
        <span className="grow" />
        <Changes texts={value} isFirst={before === undefined} />
        {value === undefined ? null : (
          <button type="button" className="button small" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {isOpen ? "Hide changes" : "What changed"}
          </button>
        )}
      </div>
      {thrown === undefined ? null : <ProblemNote thrown={thrown} retry={reload} />}
      {isOpen && value !== undefined ? <Difference texts={value} hash={hash} /> : null}
    </li>
  );
}

type Texts = readonly [before: string | undefined, after: string | undefined];

/** How many lines, in few signs. */
function Changes({ texts, isFirst }: { readonly texts: Texts | undefined; readonly isFirst: boolean }): ReactNode {
  if (isFirst) return <span className="quiet">the first</span>;
  const [before, after] = texts ?? [];
  if (before === undefined || after === undefined) return null;
  const { gone, added } = countChanges(diffLines(before, after));
  return (
    <span className="version-count">
      <span className="version-added">+{added}</span>
      <span className="unseen"> lines new, </span> <span className="version-gone">−{gone}</span>
      <span className="unseen"> lines gone</span>
    </span>
  );
}

function Difference({ texts, hash }: { readonly texts: Texts; readonly hash: string }): ReactNode {
  const [before, after] = texts;
  if (before === undefined || after === undefined) {
    return <p className="workflow-card-note">One of the two texts cannot be shown.</p>;
  }
  if (before === after) {
    return <p className="workflow-card-note">They differ only in values that are not shown, such as tokens.</p>;
  }
  return <LineDiff before={before} after={after} label={`What ${shortHash(hash)} changed`} />;
}
