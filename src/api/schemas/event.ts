// Events as they stand in the journal (engine/events.ts); shapes only grow (E7), so what is not known here may be there.
import { z } from "@hono/zod-openapi";
import { RunIdSchema } from "./run.ts";

export const EventSchema = z
  .looseObject({
    seq: z.number().int().min(1),
    at: z.string().openapi({ format: "date-time" }),
    run_id: RunIdSchema,
    epoch: z.number().int().min(1),
    type: z.string().openapi({ example: "node.succeeded" }),
    node_id: z.string().optional(),
  })
  .openapi("RunEvent");

export const EventPageSchema = z
  .object({
    events: z.array(EventSchema),
    next: z.number().int().optional().openapi({ description: "There is more: `after` of the next request" }),
  })
  .openapi("RunEventPage");

export const FeedItemSchema = z
  .looseObject({ kind: z.enum(["event", "now", "reset", "damaged"]), cursor: z.string() })
  .openapi("FeedItem");
