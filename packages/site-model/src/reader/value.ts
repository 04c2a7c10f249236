import type { Place } from "./problems.ts";
import { counted, quotedText } from "./words.ts";

/** What is left of YAML: every leaf is the text as written, so that numbers and addresses stay exact. */
export type Value =
  | { readonly kind: "text"; readonly text: string; readonly at: Place }
  | { readonly kind: "list"; readonly items: readonly Value[]; readonly at: Place }
  | { readonly kind: "map"; readonly entries: ReadonlyMap<string, Entry>; readonly at: Place };

export interface Entry {
  readonly keyAt: Place;
  readonly value: Value;
}

export function describe(value: Value): string {
  switch (value.kind) {
    case "text":
      return value.text === "" ? "nothing" : quotedText(value.text);
    case "list":
      return `a list of ${counted(value.items.length, "item")}`;
    case "map":
      return "a block";
  }
}
