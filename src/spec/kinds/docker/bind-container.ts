import { type Binding, bindTemplate, hasReferences } from "../../model/template.ts";
import type { Place } from "../../tree/place.ts";
import type { Problems } from "../../tree/problems.ts";
import { checkContainer } from "./check-container.ts";
import type { Container } from "./node.ts";

export function containerRefers(container: Container): boolean {
  const { options, image, args, env } = container;
  return [...options, image, ...args, ...Object.values(env)].some(hasReferences);
}

/**
 * The container with its references filled in, and checked again: a param may have made an option of an image or
 * a path of power of a volume. Only `env` references remain, in `env`.
 */
export function bindContainer(problems: Problems, container: Container, binding: Binding, place: Place): Container {
  const env = Object.entries(container.env).map(([name, value]) => [name, bindTemplate(value, binding)] as const);
  const bound: Container = {
    ...container,
    options: container.options.map((option) => bindTemplate(option, binding)),
    image: bindTemplate(container.image, binding),
    args: container.args.map((arg) => bindTemplate(arg, binding)),
    env: Object.fromEntries(env),
  };
  checkContainer(problems, bound, place, container);
  return bound;
}
