import { type ReactNode, useEffect, useRef } from "react";
import { askWhoIAm } from "../api/session.ts";
import { useTitle } from "../document/use-title.ts";
import { Command } from "../parts/command/command.tsx";
import { SignInForm } from "./sign-in-form.tsx";
import "./sign-in.css";

/** In place of every page, for those whom the server does not know. */
export function SignIn(): ReactNode {
  useTitle("Sign in");
  const card = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Nothing else is on the page.
    card.current?.querySelector("input")?.focus();
    // Another tab may have signed in.
    const ask = (): void => void askWhoIAm();
    addEventListener("focus", ask);
    return () => removeEventListener("focus", ask);
  }, []);
  return (
    <div className="page sign-in">
      <div className="card sign-in-card" ref={card}>
        <h1>Sign in</h1>
        <SignInForm />
        <p className="quiet">You have none? On the server's machine somebody makes one:</p>
        <Command words="token create --role operator" />
      </div>
    </div>
  );
}
