/** The two addresses of a cluster, and how a command is given each. */
export const ROLES = {
  ingress: {
    name: "Restate's ingress",
    option: "--ingress (BUSBAR_INGRESS), port 8080 unless Restate is told another",
  },
  admin: { name: "Restate's admin API", option: "--admin (BUSBAR_ADMIN), port 9070 unless Restate is told another" },
} as const;

export type Role = keyof typeof ROLES;
