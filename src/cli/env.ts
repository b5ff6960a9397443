/** Whether a variable that switches something on is set: `CI=false` is a way to say no. */
export function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "" && value !== "false" && value !== "0";
}
