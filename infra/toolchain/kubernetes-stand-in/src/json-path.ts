import { isEqual, isList, isObject, valueAt } from "./json.ts";
import type { Json } from "./json.ts";

type Step =
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "index"; readonly index: number }
  | { readonly kind: "all" }
  | { readonly kind: "where"; readonly path: readonly string[]; readonly value: Json };

/** A JSONPath of names, indexes, `*` and filters by equality; anything else is undefined. */
export function parseJsonPath(text: string): readonly Step[] | undefined {
  let rest = text.trim().replace(/^\$/, "");
  const steps: Step[] = [];
  while (rest !== "") {
    const [matched, step] = parseStep(rest) ?? [];
    if (matched === undefined || step === undefined) {
      return undefined;
    }
    steps.push(step);
    rest = rest.slice(matched);
  }
  return steps.length === 0 ? undefined : steps;
}

function parseStep(text: string): readonly [lengthInCharacters: number, step: Step] | undefined {
  const field = /^\.([A-Za-z_][\w-]*)/.exec(text) ?? /^\[(?:'([^']*)'|"([^"]*)")\]/.exec(text);
  const name = field?.[1] ?? field?.[2];
  if (field !== null && name !== undefined) {
    return [field[0].length, { kind: "field", name }];
  }
  const index = /^\[(-?\d+)\]/.exec(text);
  if (index?.[1] !== undefined) {
    return [index[0].length, { kind: "index", index: Number(index[1]) }];
  }
  const all = /^(?:\[\*\]|\.\*)/.exec(text);
  if (all !== null) {
    return [all[0].length, { kind: "all" }];
  }
  const filter =
    /^\[\?\(?\s*@((?:\.[A-Za-z_][\w-]*)+)\s*==\s*(?:'([^']*)'|"([^"]*)"|([\w.-]+))\s*\)?\]/.exec(
      text,
    );
  if (filter?.[1] === undefined) {
    return undefined;
  }
  const quoted = filter[2] ?? filter[3];
  const value = quoted ?? toLiteral(filter[4] ?? "");
  return [filter[0].length, { kind: "where", path: filter[1].slice(1).split("."), value }];
}

function toLiteral(text: string): Json {
  return text === "true"
    ? true
    : text === "false"
      ? false
      : Number.isNaN(Number(text))
        ? text
        : Number(text);
}

/** Every value a path finds. */
export function selectByPath(root: Json, steps: readonly Step[]): readonly Json[] {
  let found: readonly Json[] = [root];
  for (const step of steps) {
    found = found.flatMap((value) => selectStep(value, step));
  }
  return found;
}

function selectStep(value: Json, step: Step): readonly Json[] {
  switch (step.kind) {
    case "field": {
      const inner = valueAt(value, step.name);
      return inner === undefined ? [] : [inner];
    }
    case "index": {
      const inner = isList(value) ? value.at(step.index) : undefined;
      return inner === undefined ? [] : [inner];
    }
    case "all": {
      return isList(value) ? value : isObject(value) ? Object.values(value) : [];
    }
    case "where": {
      const items = isList(value) ? value : isObject(value) ? Object.values(value) : [];
      return items.filter((item) => isEqual(valueAt(item, ...step.path), step.value));
    }
  }
}
