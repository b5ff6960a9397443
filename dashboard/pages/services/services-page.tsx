import type { ReactNode } from "react";

/** Services. */
export function ServicesPage(): ReactNode {
  return (
    <div className="page">
      <h1>Services</h1>
    </div>
  );
}
