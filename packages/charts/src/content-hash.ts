import { createHash } from "node:crypto";

/**
 * The first 8 hex digits of the SHA-256 of a value's canonical JSON: keys sorted at every depth,
 * `undefined` left out. Templates are named by it, because providers do not refuse an edit in place but
 * roll nothing either; a new name is a new template, and the preview shows it.
 */
export function contentHash(value: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(canonical(value)) ?? "undefined")
    .digest("hex")
    .slice(0, 8);
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => canonical(item));
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, canonical(item)]),
  );
}
