import { z } from "@hono/zod-openapi";

export const ProblemSchema = z
  .object({
    type: z.string().openapi({ example: "urn:busbar:error:RUN_NOT_FOUND" }),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string().openapi({ description: "A code of the table of errors" }),
    remedy: z.string(),
    details: z.record(z.string(), z.unknown()).optional(),
  })
  .openapi("Problem");
