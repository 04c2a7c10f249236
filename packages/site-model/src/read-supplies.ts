import type { Watts } from "@ertis/quantities";
import { parseMultiple } from "./counts.ts";
import type { Field, Supplies } from "./declaration.ts";
import { name, power } from "./fields.ts";
import {
  type Block,
  type Entry,
  type Problems,
  readText,
  type TextResult,
  type Value,
} from "./reader/index.ts";

const mostSupplies = 64;

/**
 * `limit: 44 kW` is one supply; `supplies:` has several: `3 × 25 MW`, a list, or a block of named
 * ones for distributed redundancy.
 */
export function readSupplies(block: Block): Field<Supplies> {
  const { problems } = block;
  const limit = block.entry("limit");
  const supplies = block.entry("supplies");
  if (limit !== undefined && supplies !== undefined) {
    problems.add(supplies.keyAt, '"limit" and "supplies" in one block: keep one of them');
  }
  if (supplies === undefined) {
    const single = readText(problems, limit?.value, power);
    return single === undefined
      ? undefined
      : {
          value: onlyCounted(single.value === undefined ? undefined : [single.value]),
          at: single.at,
        };
  }
  const { value } = supplies;
  const read = value.kind === "map" ? named(problems, value.entries) : counted(problems, value);
  const count = read?.watts.length ?? 1;
  if (count === 0 || count > mostSupplies) {
    problems.add(value.at, `found ${count} supplies, allowed are 1 to ${mostSupplies}`);
    return { value: undefined, at: value.at };
  }
  return { value: read, at: value.at };
}

function onlyCounted(watts: readonly Watts[] | undefined): Supplies | undefined {
  return watts === undefined ? undefined : { watts, names: undefined };
}

function counted(problems: Problems, value: Value): Supplies | undefined {
  const watts: Watts[] = [];
  let isSound = true;
  for (const item of value.kind === "list" ? value.items : [value]) {
    const parts = readText(problems, item, parseSupply);
    isSound &&= parts?.value !== undefined;
    watts.push(...(parts?.value ?? []));
  }
  return onlyCounted(isSound ? watts : undefined);
}

function named(problems: Problems, entries: ReadonlyMap<string, Entry>): Supplies | undefined {
  const watts: Watts[] = [];
  const names: string[] = [];
  let isSound = true;
  for (const [key, { keyAt, value }] of entries) {
    const checked = name(key);
    if ("wrong" in checked) {
      problems.add(keyAt, checked.wrong);
    }
    const one = readText(problems, value, power)?.value;
    isSound &&= one !== undefined && !("wrong" in checked);
    if (one !== undefined) {
      watts.push(one);
      names.push(key);
    }
  }
  return isSound ? { watts, names } : undefined;
}

function parseSupply(text: string): TextResult<readonly Watts[]> {
  const multiple = parseMultiple(text);
  if ("wrong" in multiple) {
    return multiple;
  }
  if (multiple.count > mostSupplies) {
    return { wrong: `found ${multiple.count} supplies, allowed are 1 to ${mostSupplies}` };
  }
  const each = power(multiple.what);
  return "wrong" in each
    ? each
    : { value: Array.from({ length: multiple.count }, () => each.value) };
}
