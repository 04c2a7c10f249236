/** `1 stack`, `2 stacks`, `3 processes`. */
export function countOf(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : one.endsWith("s") ? "es" : "s"}`;
}
