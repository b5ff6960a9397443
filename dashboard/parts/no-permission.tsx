import type { ReactNode } from "react";
import { useSession } from "../api/session.ts";
import type { Role } from "../api/shapes.ts";
import { Command } from "./command/command.tsx";

/**
 * In place of what the reader's role does not show.
 * @param what  it is, as the subject of a sentence: `Tokens are`
 * @param words of a command that shows it to whoever may
 */
export function NoPermission({
  what,
  role,
  words,
}: {
  readonly what: string;
  readonly role: Role;
  readonly words?: string;
}): ReactNode {
  const mine = useSession()?.role;
  return (
    <div className="no-permission">
      <p>
        {what} shown to the role <b>{role}</b>
        {mine === undefined ? "." : `; yours is ${mine}.`}
      </p>
      {words === undefined ? null : (
        <p className="quiet">
          On the server's machine: <Command words={words} />
        </p>
      )}
    </div>
  );
}
