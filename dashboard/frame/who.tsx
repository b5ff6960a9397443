import { type ReactNode, useState } from "react";
import { signOut, useSession } from "../api/session.ts";
import { Dialog } from "../parts/dialog/dialog.tsx";
import { ProblemNote } from "../parts/problem.tsx";
import { SignInForm } from "./sign-in-form.tsx";

/** Who the reader is here, and what that allows. */
export function Who(): ReactNode {
  const session = useSession();
  const [isOpen, setOpen] = useState(false);
  const [thrown, setThrown] = useState<unknown>();
  if (session === undefined) return null;
  const isSignedIn = session.id.startsWith("token:");
  return (
    <>
      <button
        type="button"
        className="frame-icon-button frame-who"
        aria-label={`${session.role}: who am I`}
        onClick={() => setOpen(true)}
      >
        <svg className="frame-icon" viewBox="0 0 16 16" width="18" height="18" aria-hidden="true">
          <circle cx="8" cy="5" r="2.6" />
          <path d="M2.8 14a5.2 5.2 0 0 1 10.4 0" />
        </svg>
        <span className="frame-who-role">{session.role}</span>
      </button>
      {isOpen ? (
        <Dialog title={isSignedIn ? session.name : "Nobody had to sign in"} onClose={() => setOpen(false)}>
          <p>
            Your role is <b>{session.role}</b>: {MAY[session.role]}
          </p>
          {isSignedIn ? null : (
            <>
              <p>
                This server has no tokens yet, so whoever is on its machine is {session.role}. From the first token on,
                everybody signs in with one. Its own, in <code>server-token</code> of the state directory, is admin.
              </p>
              <SignInForm />
            </>
          )}
          {thrown === undefined ? null : <ProblemNote thrown={thrown} />}
          {isSignedIn ? (
            <div className="dialog-actions">
              <button type="button" className="button" onClick={() => signOut().catch(setThrown)}>
                Sign out
              </button>
            </div>
          ) : null}
        </Dialog>
      ) : null}
    </>
  );
}

const MAY = {
  viewer: "you see everything, and change nothing.",
  operator: "you start the server's workflows, and cancel, pause, resume and rerun runs.",
  admin: "you do all of that, upload workflows, delete runs, manage tokens and read the audit log.",
} as const;
