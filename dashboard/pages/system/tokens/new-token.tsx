import { type FormEvent, type ReactNode, useId, useState } from "react";
import { ROLES } from "../../../../src/ports/access.ts";
import { api } from "../../../api/api.ts";
import type { CreatedToken, Role } from "../../../api/shapes.ts";
import { Command } from "../../../parts/command/command.tsx";
import { CopyButton } from "../../../parts/command/copy-button.tsx";
import { Dialog } from "../../../parts/dialog/dialog.tsx";
import { ProblemNote } from "../../../parts/problem.tsx";
import { EXPIRIES, type TokenWish, wishCommand, wishRequest } from "./token-wish.ts";
import "./new-token.css";

const MAY: { readonly [role in Role]: string } = {
  viewer: "sees everything, changes nothing",
  operator: "also starts the server's workflows and acts on runs",
  admin: "also uploads workflows, deletes runs, manages tokens",
};

/** Makes a token, and shows it this once. */
export function NewToken({
  onMade,
  onClose,
}: {
  readonly onMade: () => void;
  readonly onClose: () => void;
}): ReactNode {
  const [wish, setWish] = useState<TokenWish>({ role: "operator", name: "", expiry: "90d" });
  const [made, setMade] = useState<CreatedToken>();
  const [thrown, setThrown] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const id = useId();

  async function make(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    setThrown(undefined);
    try {
      setMade(await api.call("post", "/api/v1/tokens", { body: wishRequest(wish) }));
      onMade();
    } catch (problem) {
      setThrown(problem);
    }
    setBusy(false);
  }

  if (made !== undefined) {
    return (
      <Dialog title="The new token" onClose={onClose}>
        <p>
          It is shown this once: of it the server keeps nothing but a hash. Whoever has it may do what its role may.
        </p>
        <div className="new-token-made">
          <code>{made.token}</code>
          <CopyButton text={made.token} what="the token" />
        </div>
        <div className="dialog-actions">
          <button type="button" className="button primary" onClick={onClose}>
            I have it
          </button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title="New token" onClose={onClose}>
      <form className="new-token" onSubmit={make}>
        <fieldset>
          <legend>Role</legend>
          {ROLES.map((role) => (
            <label key={role} className="new-token-role">
              <input
                type="radio"
                name="role"
                checked={wish.role === role}
                onChange={() => setWish({ ...wish, role })}
              />
              <span>
                <b>{role}</b> <span className="quiet">{MAY[role]}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <label htmlFor={`${id}name`}>Whose it is, or what it is for</label>
        <input
          id={`${id}name`}
          data-focus
          className="field"
          maxLength={100}
          autoComplete="off"
          value={wish.name}
          onChange={({ target }) => setWish({ ...wish, name: target.value })}
        />
        <label htmlFor={`${id}expires`}>Expires</label>
        <select
          id={`${id}expires`}
          className="field"
          value={wish.expiry}
          onChange={({ target }) => setWish({ ...wish, expiry: target.value as TokenWish["expiry"] })}
        >
          {Object.entries(EXPIRIES).map(([expiry, { says }]) => (
            <option key={expiry} value={expiry}>
              {says}
            </option>
          ))}
        </select>
        {thrown === undefined ? null : <ProblemNote thrown={thrown} />}
        <p className="quiet">The same as a command, on the server's machine:</p>
        <Command words={wishCommand(wish)} />
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" aria-busy={isBusy || undefined}>
            Make it
          </button>
        </div>
      </form>
    </Dialog>
  );
}
