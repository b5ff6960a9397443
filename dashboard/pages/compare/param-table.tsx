import type { ReactNode } from "react";
import type { ParamPair } from "../../model/compare-runs.ts";

interface ParamTableProps {
  readonly params: readonly ParamPair[];
  readonly same: number;
}

/** The params that were given otherwise. */
export function ParamTable({ params, same }: ParamTableProps): ReactNode {
  return (
    <section className="card compare-part" aria-labelledby="compare-params">
      <h2 id="compare-params">Params</h2>
      {params.length === 0 ? (
        <p className="quiet">{same === 0 ? "Neither run has any." : `All ${same} are the same.`}</p>
      ) : (
        <>
          <div className="compare-params">
            <table>
              <thead>
                <tr>
                  <th scope="col">Param</th>
                  <th scope="col">A</th>
                  <th scope="col">B</th>
                </tr>
              </thead>
              <tbody>
                {params.map(({ name, a, b }) => (
                  <tr key={name}>
                    <th scope="row">{name}</th>
                    <td>{shownValue(a)}</td>
                    <td>{shownValue(b)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {same === 0 ? null : <p className="quiet">{same === 1 ? "One other is" : `${same} others are`} the same.</p>}
        </>
      )}
    </section>
  );
}

function shownValue(value: string | undefined): ReactNode {
  if (value === undefined) return <span className="quiet">not given</span>;
  return value === "" ? <span className="quiet">empty</span> : <span className="mono">{value}</span>;
}
