import type { PropertyChange, ResourceChange } from "../engine/run-summary.ts";

const signs: Readonly<Record<string, string>> = {
  create: "+",
  update: "~",
  refresh: "~",
  delete: "-",
  replace: "±",
};

/** The resources a run changes and which of their properties, a line each. */
export function describeChanges(changes: readonly ResourceChange[]): string {
  return changes
    .map(({ op, name, properties }) => {
      const lines = op === "create" || op === "delete" ? [] : properties.map(describeProperty);
      return [`${signs[op] ?? op} ${name}`, ...lines.map((line) => `    ${line}`)].join("\n");
    })
    .join("\n");
}

function describeProperty({ path, kind, before, after }: PropertyChange): string {
  if (kind.startsWith("add")) {
    return `${path}: + ${toShort(after)}`;
  }
  if (kind.startsWith("delete")) {
    return `${path}: - ${toShort(before)}`;
  }
  return `${path}: ${toShort(before)} → ${toShort(after)}${kind.endsWith("replace") ? " (replaces)" : ""}`;
}

const textLimit = 120;

function toShort(value: unknown): string {
  const text = value === undefined ? "unknown" : JSON.stringify(value);
  return text.length > textLimit ? `${text.slice(0, textLimit)}…` : text;
}
