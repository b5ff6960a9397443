import { type ReactNode, useState } from "react";
import { api } from "../../../api/api.ts";
import { mayAct, useSession } from "../../../api/session.ts";
import type { Token } from "../../../api/shapes.ts";
import type { Loaded } from "../../../api/use-load.ts";
import { useNow } from "../../../live/use-now.ts";
import { describeAgo } from "../../../model/ago.ts";
import { ActionButton } from "../../../parts/action/action-button.tsx";
import { NoPermission } from "../../../parts/no-permission.tsx";
import { ProblemNote } from "../../../parts/problem.tsx";
import { Skeleton } from "../../../parts/skeleton.tsx";
import { Status } from "../../../parts/status.tsx";
import { Time } from "../../../parts/time.tsx";
import { NewToken } from "./new-token.tsx";
import { tokenName } from "./token-name.ts";

/** Who may use the server: to admins. */
export function Tokens({ loaded }: { readonly loaded: Loaded<readonly Token[] | undefined> }): ReactNode {
  const session = useSession();
  const [isMaking, setMaking] = useState(false);
  const mayManage = mayAct(session, "admin");
  return (
    <section className="card system-part" aria-labelledby="tokens-title">
      <div className="row system-part-head">
        <h2 id="tokens-title" className="grow">
          Tokens
        </h2>
        {mayManage ? (
          <button type="button" className="button" onClick={() => setMaking(true)}>
            New token
          </button>
        ) : null}
      </div>
      {session === undefined ? (
        <Skeleton height={60} />
      ) : mayManage ? (
        <TokenTable loaded={loaded} myId={session.id} />
      ) : (
        <div>
          <NoPermission what="Tokens are" role="admin" words="token list" />
        </div>
      )}
      {isMaking ? <NewToken onMade={loaded.reload} onClose={() => setMaking(false)} /> : null}
    </section>
  );
}

function TokenTable({
  loaded: { value, thrown, reload },
  myId,
}: {
  readonly loaded: Loaded<readonly Token[] | undefined>;
  readonly myId: string;
}): ReactNode {
  const now = useNow();
  if (thrown !== undefined)
    return (
      <div>
        <ProblemNote thrown={thrown} retry={reload} />
      </div>
    );
  if (value === undefined) return <Skeleton height={100} />;
  return (
    <table className="system-table">
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Role</th>
          <th scope="col">Id</th>
          <th scope="col">Created</th>
          <th scope="col">Expires</th>
          <th scope="col">Last used</th>
          <th scope="col">
            <span className="unseen">Revoke</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {value.map((token) => (
          <TokenRow key={token.id} token={token} isMine={myId === `token:${token.id}`} now={now} reload={reload} />
        ))}
      </tbody>
    </table>
  );
}

function TokenRow({
  token,
  isMine,
  now,
  reload,
}: {
  readonly token: Token;
  readonly isMine: boolean;
  readonly now: number;
  readonly reload: () => void;
}): ReactNode {
  const { id, role, own, created_at, expires_at, last_used_at } = token;
  const called = tokenName(token);
  const isOver = expires_at !== undefined && Date.parse(expires_at) <= now;
  const revoke = async (): Promise<void> => {
    await api.call("delete", "/api/v1/tokens/{token_id}", { path: { token_id: id } });
    reload();
  };
  const warning = isMine ? " It is yours: you are signed out." : "";
  return (
    <tr>
      <th scope="row">
        {called} {isMine ? <span className="quiet">(you)</span> : null}
      </th>
      <td data-label="role">{role}</td>
      <td data-label="id">
        <span className="mono">{id}</span>
      </td>
      <td data-label="created">
        <Time iso={created_at} />
      </td>
      <td data-label="expires">
        {expires_at === undefined ? (
          "never"
        ) : isOver ? (
          <Status status="interrupted">expired {describeAgo(expires_at, now)}</Status>
        ) : (
          <Time iso={expires_at} />
        )}
      </td>
      <td data-label="last used">{last_used_at === undefined ? "never" : describeAgo(last_used_at, now)}</td>
      <td className="system-act">
        {own ? (
          <span className="quiet" title="Commands on the server's machine use it; a new one is made when it starts.">
            of this machine
          </span>
        ) : (
          <ActionButton
            label="Revoke"
            of={called}
            role="admin"
            size="small"
            variant="danger"
            command={`token revoke ${id}`}
            act={revoke}
            confirm={{
              title: `Revoke ${called}?`,
              text: `Whoever uses it cannot do anything here any more, and what they have open ends.${warning}`,
            }}
          />
        )}
      </td>
    </tr>
  );
}
