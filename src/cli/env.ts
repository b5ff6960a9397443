/** Whether a variable that switches something on is set; `CI=false` and `CI=0` count as not set. */
export function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "" && value !== "false" && value !== "0";
}
