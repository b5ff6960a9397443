import { z } from "@hono/zod-openapi";

/** A whole number in a query, in digits: `Number` would take " 5", "0x5" and "" for one, too. */
export function wholeNumber(minimum: number, maximum: number = Number.MAX_SAFE_INTEGER) {
  return z
    .string()
    .regex(/^\d{1,16}$/, "Invalid whole number")
    .transform(Number)
    .pipe(z.number().min(minimum).max(maximum))
    .openapi({ type: "integer", minimum, maximum });
}
