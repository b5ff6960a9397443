import { type FormEvent, type ReactNode, useEffect, useId, useState } from "react";
import { askWhoIAm, signIn } from "../api/session.ts";
import { Command } from "../parts/command/command.tsx";
import { ProblemNote } from "../parts/problem.tsx";
import { useTitle } from "./use-title.ts";
import "./sign-in.css";

/** In place of every page, for those whom the server does not know. */
export function SignIn(): ReactNode {
  useTitle("Sign in");
  const field = useId();
  const [thrown, setThrown] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    // Another tab may have signed in.
    const ask = (): void => void askWhoIAm();
    addEventListener("focus", ask);
    return () => removeEventListener("focus", ask);
  }, []);

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const token = String(new FormData(event.currentTarget).get("token")).trim();
    if (token === "" || isBusy) return;
    setBusy(true);
    try {
      await signIn(token);
      // What was refused before is asked for anew.
      location.reload();
    } catch (problem) {
      setThrown(problem);
      setBusy(false);
    }
  }

  return (
    <div className="page sign-in">
      <form className="card sign-in-card" onSubmit={submit}>
        <h1>Sign in</h1>
        <label htmlFor={field}>Token</label>
        <input
          id={field}
          name="token"
          type="password"
          className="field"
          autoComplete="current-password"
          required
          // biome-ignore lint/a11y/noAutofocus: nothing else is on the page
          autoFocus
        />
        {thrown === undefined ? null : <ProblemNote thrown={thrown} />}
        <button type="submit" className="button primary" aria-busy={isBusy || undefined}>
          Sign in
        </button>
        <p className="quiet">You have none? On the server's machine somebody makes one:</p>
        <Command words="token create --role operator" />
      </form>
    </div>
  );
}
