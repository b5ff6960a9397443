import { z } from "@hono/zod-openapi";
import { ROLES } from "../../ports/access.ts";

export const RoleSchema = z.enum(ROLES).openapi("Role", { description: "Each may do all that those before it may" });

const Time = z.string().openapi({ format: "date-time" });

export const TokenSchema = z
  .object({
    id: z.string(),
    role: RoleSchema,
    name: z.string().optional(),
    own: z.literal(true).optional().openapi({ description: "The server made it for its own machine" }),
    created_at: Time,
    expires_at: Time.optional(),
    last_used_at: Time.optional().openapi({ description: "To the minute" }),
  })
  .openapi("Token");

export const AuditEntrySchema = z
  .object({
    n: z.number().int().min(1),
    at: Time,
    by: z.string().openapi({ description: "`token:ID`, `loopback`, or `user@host` of a command" }),
    role: RoleSchema.optional(),
    address: z.string().optional(),
    action: z.string().openapi({ description: "What was done, as `run.start`" }),
    run_id: z.string().optional(),
    workflow: z.string().optional(),
    token_id: z.string().optional(),
    outcome: z.string().openapi({ description: "`done`, or the code of the refusal" }),
  })
  .openapi("AuditEntry");
