import { type FormEvent, type ReactNode, useId, useState } from "react";
import { signIn } from "../api/session.ts";
import { ProblemNote } from "../parts/problem.tsx";
import "./sign-in.css";

/** Signs in with a token, and shows the page anew as the server has it for whom it now knows. */
export function SignInForm(): ReactNode {
  const field = useId();
  const [thrown, setThrown] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const token = String(new FormData(event.currentTarget).get("token")).trim();
    if (token === "" || isBusy) return;
    setBusy(true);
    try {
      await signIn(token);
    } catch (problem) {
      setThrown(problem);
      setBusy(false);
    }
  }

  return (
    <form className="sign-in-form" onSubmit={submit}>
      <label htmlFor={field}>Token</label>
      <input
        id={field}
        name="token"
        type="password"
        className="field"
        autoComplete="current-password"
        required
        data-focus
      />
      {thrown === undefined ? null : <ProblemNote thrown={thrown} />}
      <button type="submit" className="button primary" aria-busy={isBusy || undefined}>
        Sign in
      </button>
    </form>
  );
}
